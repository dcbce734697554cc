"""The backend of template.py: FastAPI with SQLModel in the manner of the full-stack template and the framework's tutorial.

  fastapi_app.py PORT FOLDER

OAuth2 password login by form, JWT, a superuser, public and own views of a model, data/count lists with skip and limit, 422 details.
"""
import hashlib
import sys
import uuid
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import jwt
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, status
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jwt.exceptions import InvalidTokenError
from pydantic import EmailStr, ValidationError
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, func, select

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
SECRET_KEY, ALGORITHM, MINUTES = "exam-exam-exam-exam-exam-exam-exam-exam", "HS256", 60 * 24 * 8
DB = FOLDER / "template.sqlite3"


# ---- models -------------------------------------------------------------------------------------------------------
class UserBase(SQLModel):
    email: EmailStr = Field(unique=True, index=True, max_length=255)
    is_active: bool = True
    is_superuser: bool = False
    full_name: str | None = Field(default=None, max_length=255)


class UserCreate(UserBase):
    password: str = Field(min_length=8, max_length=128)


class UserRegister(SQLModel):
    email: EmailStr = Field(max_length=255)
    password: str = Field(min_length=8, max_length=128)
    full_name: str | None = Field(default=None, max_length=255)


class UserUpdateMe(SQLModel):
    full_name: str | None = Field(default=None, max_length=255)
    email: EmailStr | None = Field(default=None, max_length=255)


class UserUpdate(SQLModel):
    email: EmailStr | None = Field(default=None, max_length=255)
    full_name: str | None = Field(default=None, max_length=255)
    is_active: bool | None = None
    is_superuser: bool | None = None
    password: str | None = Field(default=None, min_length=8, max_length=128)


class UpdatePassword(SQLModel):
    current_password: str = Field(min_length=8, max_length=128)
    new_password: str = Field(min_length=8, max_length=128)


class User(UserBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    hashed_password: str
    items: list["Item"] = Relationship(back_populates="owner", cascade_delete=True)


class UserPublic(UserBase):
    id: uuid.UUID


class UsersPublic(SQLModel):
    data: list[UserPublic]
    count: int


class Condition(str, Enum):
    new = "new"
    used = "used"
    broken = "broken"


class ItemBase(SQLModel):
    title: str = Field(min_length=1, max_length=255)
    description: str | None = Field(default=None, max_length=255)
    condition: Condition = Condition.new
    price: float = Field(default=0, ge=0)


class ItemCreate(ItemBase):
    pass


class ItemUpdate(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=255)
    description: str | None = Field(default=None, max_length=255)
    condition: Condition | None = None
    price: float | None = Field(default=None, ge=0)


class Item(ItemBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))
    owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")
    owner: User | None = Relationship(back_populates="items")
    loans: list["Loan"] = Relationship(back_populates="item", cascade_delete=True)


class ItemPublic(ItemBase):
    id: uuid.UUID
    owner_id: uuid.UUID
    created_at: datetime


class ItemsPublic(SQLModel):
    data: list[ItemPublic]
    count: int


class LoanCreate(SQLModel):
    item_id: uuid.UUID
    days: int = Field(default=7, ge=1, le=60)
    note: str | None = Field(default=None, max_length=120)


class Loan(SQLModel, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="item.id", nullable=False, ondelete="CASCADE")
    borrower_id: uuid.UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")
    days: int
    note: str | None = None
    returned: bool = False
    created_at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))
    item: Item | None = Relationship(back_populates="loans")


class LoanPublic(SQLModel):
    id: uuid.UUID
    item_id: uuid.UUID
    borrower_id: uuid.UUID
    days: int
    note: str | None
    returned: bool


class LoansPublic(SQLModel):
    data: list[LoanPublic]
    count: int


class Message(SQLModel):
    message: str


class Token(SQLModel):
    access_token: str
    token_type: str = "bearer"


# ---- dependencies -------------------------------------------------------------------------------------------------
engine = create_engine(f"sqlite:///{DB}", connect_args={"check_same_thread": False})


def digest(password: str) -> str:
    """The template hashes by bcrypt; a sittings' worth of logins should not take minutes."""
    return hashlib.sha256(f"exam{password}".encode()).hexdigest()


def get_db():
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_db)]
reusable_oauth2 = OAuth2PasswordBearer(tokenUrl="/api/v1/login/access-token")
TokenDep = Annotated[str, Depends(reusable_oauth2)]


def get_current_user(session: SessionDep, token: TokenDep) -> User:
    try:
        sub = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM]).get("sub")
        user = session.get(User, uuid.UUID(sub))
    except (InvalidTokenError, ValidationError, ValueError):
        raise HTTPException(status_code=status.HTTP_403_FORBIDDEN, detail="Could not validate credentials")
    if not user:
        raise HTTPException(status_code=404, detail="User not found")
    if not user.is_active:
        raise HTTPException(status_code=400, detail="Inactive user")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def get_current_active_superuser(current_user: CurrentUser) -> User:
    if not current_user.is_superuser:
        raise HTTPException(status_code=403, detail="The user doesn't have enough privileges")
    return current_user


def by_email(session: Session, email: str) -> User | None:
    return session.exec(select(User).where(User.email == email)).first()


def save(session: Session, thing: Any) -> Any:
    session.add(thing)
    session.commit()
    session.refresh(thing)
    return thing


# ---- login and users ----------------------------------------------------------------------------------------------
api = APIRouter(prefix="/api/v1")


@api.post("/login/access-token")
def login_access_token(session: SessionDep, form_data: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    user = by_email(session, form_data.username)
    if not user or user.hashed_password != digest(form_data.password):
        raise HTTPException(status_code=400, detail="Incorrect email or password")
    if not user.is_active:
        raise HTTPException(status_code=400, detail="Inactive user")
    expire = datetime.now(timezone.utc) + timedelta(minutes=MINUTES)
    return Token(access_token=jwt.encode({"exp": expire, "sub": str(user.id)}, SECRET_KEY, algorithm=ALGORITHM))


@api.post("/login/test-token", response_model=UserPublic)
def test_token(current_user: CurrentUser) -> Any:
    return current_user


@api.get("/users/", dependencies=[Depends(get_current_active_superuser)], response_model=UsersPublic)
def read_users(session: SessionDep, skip: int = 0, limit: int = 100) -> Any:
    count = session.exec(select(func.count()).select_from(User)).one()
    return UsersPublic(data=session.exec(select(User).offset(skip).limit(limit)).all(), count=count)


@api.post("/users/", dependencies=[Depends(get_current_active_superuser)], response_model=UserPublic)
def create_user(*, session: SessionDep, user_in: UserCreate) -> Any:
    if by_email(session, user_in.email):
        raise HTTPException(status_code=400, detail="The user with this email already exists in the system.")
    return save(session, User.model_validate(user_in, update={"hashed_password": digest(user_in.password)}))


@api.post("/users/signup", response_model=UserPublic)
def register_user(session: SessionDep, user_in: UserRegister) -> Any:
    if by_email(session, user_in.email):
        raise HTTPException(status_code=400, detail="The user with this email already exists in the system")
    return save(session, User.model_validate(user_in, update={"hashed_password": digest(user_in.password)}))


@api.get("/users/me", response_model=UserPublic)
def read_user_me(current_user: CurrentUser) -> Any:
    return current_user


@api.patch("/users/me", response_model=UserPublic)
def update_user_me(*, session: SessionDep, user_in: UserUpdateMe, current_user: CurrentUser) -> Any:
    if user_in.email:
        existing = by_email(session, user_in.email)
        if existing and existing.id != current_user.id:
            raise HTTPException(status_code=409, detail="User with this email already exists")
    current_user.sqlmodel_update(user_in.model_dump(exclude_unset=True))
    return save(session, current_user)


@api.patch("/users/me/password", response_model=Message)
def update_password_me(*, session: SessionDep, body: UpdatePassword, current_user: CurrentUser) -> Any:
    if current_user.hashed_password != digest(body.current_password):
        raise HTTPException(status_code=400, detail="Incorrect password")
    if body.current_password == body.new_password:
        raise HTTPException(status_code=400, detail="New password cannot be the same as the current one")
    current_user.hashed_password = digest(body.new_password)
    save(session, current_user)
    return Message(message="Password updated successfully")


@api.delete("/users/me", response_model=Message)
def delete_user_me(session: SessionDep, current_user: CurrentUser) -> Any:
    if current_user.is_superuser:
        raise HTTPException(status_code=403, detail="Super users are not allowed to delete themselves")
    session.delete(current_user)
    session.commit()
    return Message(message="User deleted successfully")


@api.get("/users/{user_id}", response_model=UserPublic)
def read_user_by_id(user_id: uuid.UUID, session: SessionDep, current_user: CurrentUser) -> Any:
    user = session.get(User, user_id)
    if user == current_user:
        return user
    if not current_user.is_superuser:
        raise HTTPException(status_code=403, detail="The user doesn't have enough privileges")
    if user is None:
        raise HTTPException(status_code=404, detail="User not found")
    return user


@api.patch("/users/{user_id}", dependencies=[Depends(get_current_active_superuser)], response_model=UserPublic)
def update_user(*, session: SessionDep, user_id: uuid.UUID, user_in: UserUpdate) -> Any:
    user = session.get(User, user_id)
    if not user:
        raise HTTPException(status_code=404, detail="The user with this id does not exist in the system")
    if user_in.email:
        existing = by_email(session, user_in.email)
        if existing and existing.id != user_id:
            raise HTTPException(status_code=409, detail="User with this email already exists")
    changes = user_in.model_dump(exclude_unset=True)
    if "password" in changes:
        changes["hashed_password"] = digest(changes.pop("password"))
    user.sqlmodel_update(changes)
    return save(session, user)


@api.delete("/users/{user_id}", dependencies=[Depends(get_current_active_superuser)])
def delete_user(session: SessionDep, current_user: CurrentUser, user_id: uuid.UUID) -> Message:
    user = session.get(User, user_id)
    if not user:
        raise HTTPException(status_code=404, detail="User not found")
    if user == current_user:
        raise HTTPException(status_code=403, detail="Super users are not allowed to delete themselves")
    session.delete(user)
    session.commit()
    return Message(message="User deleted successfully")


# ---- items: one sees one's own, a superuser sees all ---------------------------------------------------------------
def own_item(session: Session, user: User, item_id: uuid.UUID) -> Item:
    item = session.get(Item, item_id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if not user.is_superuser and item.owner_id != user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return item


@api.get("/items/", response_model=ItemsPublic)
def read_items(session: SessionDep, current_user: CurrentUser, skip: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 100,
               condition: Condition | None = None, q: str | None = None) -> Any:
    where = [] if current_user.is_superuser else [Item.owner_id == current_user.id]
    if condition:
        where.append(Item.condition == condition)
    if q:
        where.append(Item.title.contains(q))
    count = session.exec(select(func.count()).select_from(Item).where(*where)).one()
    items = session.exec(select(Item).where(*where).order_by(Item.created_at.desc()).offset(skip).limit(limit)).all()
    return ItemsPublic(data=items, count=count)


@api.get("/items/{item_id}", response_model=ItemPublic)
def read_item(session: SessionDep, current_user: CurrentUser, item_id: uuid.UUID) -> Any:
    return own_item(session, current_user, item_id)


@api.post("/items/", response_model=ItemPublic)
def create_item(*, session: SessionDep, current_user: CurrentUser, item_in: ItemCreate) -> Any:
    return save(session, Item.model_validate(item_in, update={"owner_id": current_user.id}))


@api.put("/items/{item_id}", response_model=ItemPublic)
def update_item(*, session: SessionDep, current_user: CurrentUser, item_id: uuid.UUID, item_in: ItemUpdate) -> Any:
    item = own_item(session, current_user, item_id)
    item.sqlmodel_update(item_in.model_dump(exclude_unset=True))
    return save(session, item)


@api.delete("/items/{item_id}")
def delete_item(session: SessionDep, current_user: CurrentUser, item_id: uuid.UUID) -> Message:
    session.delete(own_item(session, current_user, item_id))
    session.commit()
    return Message(message="Item deleted successfully")


# ---- loans: anyone borrows what is not lent ------------------------------------------------------------------------
@api.post("/loans/", response_model=LoanPublic, status_code=201)
def create_loan(*, session: SessionDep, current_user: CurrentUser, loan_in: LoanCreate) -> Any:
    item = session.get(Item, loan_in.item_id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if session.exec(select(Loan).where(Loan.item_id == item.id, Loan.returned == False)).first():  # noqa: E712
        raise HTTPException(status_code=409, detail="Item is already on loan")
    return save(session, Loan.model_validate(loan_in, update={"borrower_id": current_user.id}))


@api.get("/loans/", response_model=LoansPublic)
def read_loans(session: SessionDep, current_user: CurrentUser, skip: int = 0, limit: int = 100, returned: bool | None = None) -> Any:
    where = [] if current_user.is_superuser else [Loan.borrower_id == current_user.id]
    if returned is not None:
        where.append(Loan.returned == returned)
    count = session.exec(select(func.count()).select_from(Loan).where(*where)).one()
    return LoansPublic(data=session.exec(select(Loan).where(*where).order_by(Loan.created_at).offset(skip).limit(limit)).all(), count=count)


@api.get("/items/{item_id}/loans", response_model=LoansPublic)
def read_item_loans(session: SessionDep, current_user: CurrentUser, item_id: uuid.UUID) -> Any:
    item = own_item(session, current_user, item_id)
    loans = session.exec(select(Loan).where(Loan.item_id == item.id).order_by(Loan.created_at)).all()
    return LoansPublic(data=loans, count=len(loans))


@api.post("/loans/{loan_id}/return", response_model=LoanPublic)
def return_loan(session: SessionDep, current_user: CurrentUser, loan_id: uuid.UUID) -> Any:
    loan = session.get(Loan, loan_id)
    if not loan:
        raise HTTPException(status_code=404, detail="Loan not found")
    if loan.borrower_id != current_user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    if loan.returned:
        raise HTTPException(status_code=409, detail="Loan is already returned")
    loan.returned = True
    return save(session, loan)


@api.get("/utils/health-check/")
def health_check() -> bool:
    return True


app = FastAPI(title="Exam", openapi_url="/api/v1/openapi.json")
app.include_router(api)

if __name__ == "__main__":
    DB.unlink(missing_ok=True)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as first:
        save(first, User(email="admin@example.com", is_superuser=True, hashed_password=digest("changethis")))
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
