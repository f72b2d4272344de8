// Java's two clients: java.net.http.HttpClient and HttpURLConnection.
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Clients {
    static final String URL = System.getenv("DAYPASS");
    static final String BEARER = "Bearer " + System.getenv("SECRET");

    static int modern(String method, String path) throws Exception {
        var body = HttpRequest.BodyPublishers.noBody();
        var asked = HttpRequest.newBuilder(URI.create(URL + path)).header("Authorization", BEARER).method(method, body).build();
        return HttpClient.newHttpClient().send(asked, BodyHandlers.ofString()).statusCode();
    }

    static int old(String method, String path) throws Exception {
        var asked = (HttpURLConnection) URI.create(URL + path).toURL().openConnection();
        asked.setRequestMethod(method);
        asked.setRequestProperty("Authorization", BEARER);
        if (method.equals("POST")) {
            asked.setDoOutput(true);
            asked.getOutputStream().close();
        }
        return asked.getResponseCode();
    }

    public static void main(String[] arguments) throws Exception {
        String question = System.getenv("QUESTION");
        String mint = "/api/GetTemporaryToken";
        if (arguments[0].equals("modern")) {
            System.out.println(modern("GET", question) + " " + modern("POST", mint));
        } else {
            System.out.println(old("GET", question) + " " + old("POST", mint));
        }
    }
}
