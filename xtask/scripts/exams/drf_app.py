"""The backend of drf.py: one Django REST framework project in one file, with the framework's default styles.

  drf_app.py PORT FOLDER
"""
import sys
from pathlib import Path

import django
from django.conf import settings

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
DB = FOLDER / "drf.sqlite3"
DB.unlink(missing_ok=True)
settings.configure(
    SECRET_KEY="exam", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework.authtoken", "django_filters"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DB)}},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination", "PAGE_SIZE": 10,
    })
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import include, path  # noqa: E402
from django_filters.rest_framework import DjangoFilterBackend  # noqa: E402
from rest_framework import filters, permissions, serializers, viewsets  # noqa: E402
from rest_framework.authtoken.views import obtain_auth_token  # noqa: E402
from rest_framework.decorators import action, api_view, permission_classes  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.routers import SimpleRouter  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402


class Project(models.Model):
    code = models.SlugField(unique=True, max_length=20)
    title = models.CharField(max_length=60)
    stage = models.CharField(max_length=10, choices=[(x, x) for x in ("idea", "active", "closed")], default="idea")
    owner = models.ForeignKey(User, models.CASCADE)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "board"
        ordering = ["id"]


class Task(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=60)
    priority = models.IntegerField(default=3)
    done = models.BooleanField(default=False)

    class Meta:
        app_label = "board"
        ordering = ["id"]


class AccountSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "password"]
        extra_kwargs = {"password": {"write_only": True, "min_length": 8}, "email": {"required": True}}

    def create(self, data):
        return User.objects.create_user(**data)


class ProjectSerializer(serializers.ModelSerializer):
    owner = serializers.ReadOnlyField(source="owner.username")
    task_count = serializers.IntegerField(source="tasks.count", read_only=True)

    class Meta:
        model = Project
        fields = ["id", "code", "title", "stage", "owner", "created", "task_count"]


class TaskSerializer(serializers.ModelSerializer):
    priority = serializers.IntegerField(min_value=1, max_value=5, default=3)

    class Meta:
        model = Task
        fields = ["id", "project", "title", "priority", "done"]
        read_only_fields = ["project", "done"]


class OwnerWrites(permissions.BasePermission):
    def has_object_permission(self, request, view, thing):
        return request.method in permissions.SAFE_METHODS or getattr(thing, "owner", None) in (None, request.user)


class Projects(viewsets.ModelViewSet):
    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    permission_classes = [permissions.IsAuthenticated, OwnerWrites]
    filter_backends = [DjangoFilterBackend, filters.SearchFilter, filters.OrderingFilter]
    filterset_fields, search_fields, ordering_fields = ["stage"], ["title"], ["title", "code"]

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)

    def perform_destroy(self, project):  # the models belong to no installed app, so nothing cascades by itself
        project.tasks.all().delete()
        project.delete()

    @action(detail=True, methods=["post"])
    def close(self, request, pk=None):
        project = self.get_object()
        if project.stage == "closed":
            return Response({"detail": "Already closed."}, status=409)
        project.stage = "closed"
        project.save()
        return Response(self.get_serializer(project).data)


class Tasks(viewsets.ModelViewSet):
    serializer_class = TaskSerializer
    filter_backends = [DjangoFilterBackend, filters.OrderingFilter]
    filterset_fields, ordering_fields = ["done", "priority"], ["priority"]

    def get_queryset(self):
        return Task.objects.filter(project=get_object_or_404(Project, pk=self.kwargs["project"]))

    def perform_create(self, serializer):
        serializer.save(project=get_object_or_404(Project, pk=self.kwargs["project"]))

    @action(detail=True, methods=["post"])
    def finish(self, request, project=None, pk=None):
        task = self.get_object()
        if task.done:
            return Response({"detail": "Already finished."}, status=409)
        task.done = True
        task.save()
        return Response(self.get_serializer(task).data)


@api_view(["POST"])
@permission_classes([permissions.AllowAny])
def register(request):
    s = AccountSerializer(data=request.data)
    s.is_valid(raise_exception=True)
    s.save()
    return Response(s.data, status=201)


@api_view(["GET"])
def me(request):
    return Response(AccountSerializer(request.user).data)


router = SimpleRouter()
router.register("projects", Projects)
router.register("projects/(?P<project>[0-9]+)/tasks", Tasks, basename="task")
urlpatterns = [path("api/", include(router.urls)), path("api/accounts/", register), path("api/token/", obtain_auth_token), path("api/me/", me)]

if __name__ == "__main__":
    from waitress import serve
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Project)
        editor.create_model(Task)
    serve(get_wsgi_application(), host="127.0.0.1", port=PORT, threads=4, _quiet=True)
