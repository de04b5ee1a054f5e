import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * mailput and mailget of a device whose firmware is Java (the first argument says which). Options as in the other small
 * devices: -h HOST -p PORT -e no|yes|wrap|try -u USER -f FROM -t TO -s SUBJECT -b BYTES, -P imap|pop3.
 * TLS_PROTOCOLS, separated by spaces, are the protocols that its sockets are limited to, SSLv2Hello among them.
 */
public final class Mail {
    private static final int PATIENCE_MS = 20_000;
    private final Map<String, String> options;
    private final String password;
    private Socket socket;
    private BufferedReader input;
    private OutputStream output;
    private String stage = "connection";

    private Mail(Map<String, String> options, String password) {
        this.options = options;
        this.password = password;
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i + 1 < arguments.length; i += 2) options.put(arguments[i], arguments[i + 1]);
        Mail mail = new Mail(options, readPassword());
        try {
            mail.dial();
            if (arguments[0].equals("mailput")) mail.submit();
            else if (options.getOrDefault("-P", "imap").equals("pop3")) mail.fetchPop3();
            else mail.fetchImap();
            mail.socket.close();
        } catch (Exception error) {
            System.out.println(arguments[0] + ": " + mail.stage + ": " + error.getMessage());
            System.exit(1);
        }
    }

    private static String readPassword() throws IOException {
        if (System.console() != null) return new String(System.console().readPassword("password: "));
        return new BufferedReader(new InputStreamReader(System.in)).readLine();
    }

    private void dial() throws Exception {
        socket = new Socket(options.get("-h"), Integer.parseInt(options.get("-p")));
        socket.setSoTimeout(PATIENCE_MS);
        use(socket);
        if (options.get("-e").equals("wrap")) encrypt();
    }

    private void use(Socket of) throws IOException {
        socket = of;
        input = new BufferedReader(new InputStreamReader(of.getInputStream(), StandardCharsets.ISO_8859_1));
        output = of.getOutputStream();
    }

    private void encrypt() throws Exception {
        stage = "tls";
        // Nobody ever gave such a device a root to check against.
        TrustManager takesAny = new X509TrustManager() {
            public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}
            public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}
            public java.security.cert.X509Certificate[] getAcceptedIssuers() {
                return new java.security.cert.X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {takesAny}, null);
        String host = options.get("-h");
        SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
        String protocols = System.getenv("TLS_PROTOCOLS");
        if (protocols != null) secure.setEnabledProtocols(protocols.split(" "));
        secure.startHandshake();
        use(secure);
    }

    private void say(String line) throws IOException {
        output.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        output.flush();
    }

    private String readLine() throws IOException {
        String line = input.readLine();
        if (line == null) throw new IOException("the server hung up");
        return line;
    }

    private boolean encryptsLater() {
        return options.get("-e").equals("yes") || options.get("-e").equals("try");
    }

    private void smtp(String stage, String line, char code) throws IOException {
        this.stage = stage;
        if (line != null) say(line);
        String answer = readLine();
        while (answer.length() > 3 && answer.charAt(3) == '-') answer = readLine();
        if (answer.isEmpty() || answer.charAt(0) != code) throw new IOException(answer);
    }

    private void submit() throws Exception {
        smtp("greeting", null, '2');
        smtp("greeting", "EHLO device", '2');
        if (encryptsLater()) {
            smtp("starttls", "STARTTLS", '2');
            encrypt();
            smtp("greeting", "EHLO device", '2');
        }
        String plain = "\0" + options.get("-u") + "\0" + password;
        smtp("login", "AUTH PLAIN " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)), '2');
        smtp("sender", "MAIL FROM:<" + options.get("-f") + ">", '2');
        smtp("recipient", "RCPT TO:<" + options.get("-t") + ">", '2');
        smtp("mail", "DATA", '3');
        say("From: <" + options.get("-f") + ">\r\nTo: <" + options.get("-t") + ">\r\nSubject: " + options.get("-s") + "\r\n");
        String text = "Status report of the device, written by its Java firmware.";
        for (int left = Integer.parseInt(options.get("-b")); left > 0; left -= text.length() + 2) say(text);
        smtp("mail", ".", '2');
        smtp("end", "QUIT", '2');
    }

    private void imap(String stage, String line) throws IOException {
        this.stage = stage;
        say(line);
        String tag = line.substring(0, line.indexOf(' ') + 1);
        String answer = readLine();
        while (!answer.startsWith(tag)) answer = readLine();
        if (!answer.startsWith(tag + "OK")) throw new IOException(answer);
    }

    /** RFC 3501 section 4.3. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private void fetchImap() throws Exception {
        readLine();
        if (encryptsLater()) {
            imap("starttls", "a1 STARTTLS");
            encrypt();
        }
        imap("login", "a2 LOGIN " + quoted(options.get("-u")) + " " + quoted(password));
        imap("mailbox", "a3 SELECT INBOX");
        imap("mail", "a4 FETCH 1 BODY[]");
        imap("end", "a5 LOGOUT");
    }

    private void pop3(String stage, String line) throws IOException {
        this.stage = stage;
        if (line != null) say(line);
        String answer = readLine();
        if (!answer.startsWith("+OK")) throw new IOException(answer);
    }

    private void fetchPop3() throws Exception {
        pop3("greeting", null);
        if (encryptsLater()) {
            pop3("starttls", "STLS");
            encrypt();
        }
        pop3("login", "USER " + options.get("-u"));
        pop3("login", "PASS " + password);
        pop3("mail", "RETR 1");
        while (!readLine().equals(".")) {}
        pop3("end", "QUIT");
    }
}
