import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** The JDK's own client as Spring and Kotlin use it: it offers HTTP/2 with every request. */
public class JdkClient {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest.Builder to = HttpRequest.newBuilder(URI.create(args[0]));
        HttpRequest get = to.copy().GET().build();
        HttpRequest post = to.copy().POST(HttpRequest.BodyPublishers.ofString("hello")).build();
        for (HttpRequest request : new HttpRequest[] {get, post, get, post, get, post}) {
            HttpResponse<String> answer =
                client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(answer.statusCode() + " " + answer.version() + " " + answer.body());
        }
    }
}
