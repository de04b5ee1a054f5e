%% mailput and mailget of a device whose firmware is Erlang (the first argument says which). Options as in the other
%% small devices: -h HOST -p PORT -e no|yes|wrap|try -u USER -f FROM -t TO -s SUBJECT -b BYTES, -P imap|pop3.
%% TLS_MAX is the newest version that it offers; PASSWORD comes from the script around it.
-module(mail).
-export([start/0]).

start() ->
    [Program | Arguments] = init:get_plain_arguments(),
    {ok, _} = application:ensure_all_started(ssl),
    logger:set_primary_config(level, none),
    Options = pairs(Arguments),
    try
        run(Program, Options),
        halt(0)
    catch
        throw:{Stage, Why} ->
            io:format("~s: ~s: ~s~n", [Program, Stage, Why]),
            halt(1)
    end.

pairs(["-" ++ Name, Value | Rest]) -> maps:put(Name, Value, pairs(Rest));
pairs(_) -> #{}.

run(Program, #{"h" := Host, "p" := Port, "e" := Encryption} = Options) ->
    case gen_tcp:connect(Host, list_to_integer(Port), [binary, {packet, line}, {active, false}], 20000) of
        {ok, Plain} ->
            Start = case Encryption of
                "wrap" -> encrypt({gen_tcp, Plain}, Host);
                _ -> {gen_tcp, Plain}
            end,
            Later = lists:member(Encryption, ["yes", "try"]),
            case {Program, Options} of
                {"mailput", _} -> submit(Start, Later, Options);
                {_, #{"P" := "pop3"}} -> pop3(Start, Later, Options);
                _ -> imap(Start, Later, Options)
            end;
        {error, Reason} ->
            throw({"connection", io_lib:format("~p", [Reason])})
    end.

encrypt({gen_tcp, Socket}, Host) ->
    Version = case os:getenv("TLS_MAX", "1.2") of
        "1.0" -> tlsv1;
        "1.1" -> 'tlsv1.1';
        "1.2" -> 'tlsv1.2'
    end,
    %% Certificates are not checked, as in devices that never got a root.
    Settings = [{versions, [Version]}, {verify, verify_none}, {server_name_indication, Host},
                {ciphers, ssl:cipher_suites(all, Version)}],
    inet:setopts(Socket, [{packet, raw}]),
    case ssl:connect(Socket, Settings, 20000) of
        {ok, Secure} ->
            ssl:setopts(Secure, [{packet, line}]),
            {ssl, Secure};
        {error, Reason} ->
            throw({"tls", string:slice(string:replace(io_lib:format("~p", [Reason]), "\n", " ", all), 0, 200)})
    end.

say({Transport, Socket}, Line) ->
    case Transport:send(Socket, [Line, "\r\n"]) of
        ok -> ok;
        {error, Reason} -> throw({"connection", io_lib:format("~p", [Reason])})
    end.

line(Stage, {Transport, Socket}) ->
    case Transport:recv(Socket, 0, 20000) of
        {ok, Line} -> string:trim(Line, trailing, ["\r\n", $\n]);
        {error, _} -> throw({Stage, "the server hung up"})
    end.

smtp(Stage, Connection, Code) ->
    case line(Stage, Connection) of
        <<_:3/binary, "-", _/binary>> -> smtp(Stage, Connection, Code);
        <<Code:8, _/binary>> -> ok;
        Refusal -> throw({Stage, Refusal})
    end.

submit(Start, Later, #{"h" := Host, "u" := User, "f" := From, "t" := To, "s" := Subject, "b" := Size}) ->
    smtp("greeting", Start, $2),
    say(Start, "EHLO device"),
    smtp("greeting", Start, $2),
    Connection = case Later of
        true ->
            say(Start, "STARTTLS"),
            smtp("starttls", Start, $2),
            Secure = encrypt(Start, Host),
            say(Secure, "EHLO device"),
            smtp("greeting", Secure, $2),
            Secure;
        false -> Start
    end,
    say(Connection, ["AUTH PLAIN ", base64:encode(iolist_to_binary([0, User, 0, os:getenv("PASSWORD", "")]))]),
    smtp("login", Connection, $2),
    say(Connection, ["MAIL FROM:<", From, ">"]),
    smtp("sender", Connection, $2),
    say(Connection, ["RCPT TO:<", To, ">"]),
    smtp("recipient", Connection, $2),
    say(Connection, "DATA"),
    smtp("mail", Connection, $3),
    say(Connection, ["From: <", From, ">\r\nTo: <", To, ">\r\nSubject: ", Subject, "\r\n"]),
    Text = "Status report of the device, written by its Erlang firmware.",
    [say(Connection, Text) || _ <- lists:seq(0, list_to_integer(Size) div (length(Text) + 2))],
    say(Connection, "."),
    smtp("mail", Connection, $2),
    say(Connection, "QUIT"),
    smtp("end", Connection, $2).

tagged(Stage, Connection, Tag) ->
    Ok = list_to_binary([Tag, " OK"]),
    Other = list_to_binary([Tag, " "]),
    Line = line(Stage, Connection),
    case {string:prefix(Line, Ok), string:prefix(Line, Other)} of
        {nomatch, nomatch} -> tagged(Stage, Connection, Tag);
        {nomatch, Refusal} -> throw({Stage, Refusal});
        _ -> ok
    end.

%% RFC 3501 section 4.3.
quoted(Text) -> ["\"", [case C of $\\ -> "\\\\"; $\" -> "\\\""; _ -> C end || C <- Text], "\""].

imap(Start, Later, #{"h" := Host, "u" := User}) ->
    line("greeting", Start),
    Connection = case Later of
        true ->
            say(Start, "a1 STARTTLS"),
            tagged("starttls", Start, "a1"),
            encrypt(Start, Host);
        false -> Start
    end,
    Ask = fun(Stage, Tag, Command) -> say(Connection, [Tag, " ", Command]), tagged(Stage, Connection, Tag) end,
    Ask("login", "a2", ["LOGIN ", quoted(User), " ", quoted(os:getenv("PASSWORD", ""))]),
    Ask("mailbox", "a3", "SELECT INBOX"),
    Ask("mail", "a4", "FETCH 1 BODY[]"),
    Ask("end", "a5", "LOGOUT").

ok(Stage, Connection) ->
    case line(Stage, Connection) of
        <<"+OK", _/binary>> -> ok;
        Refusal -> throw({Stage, Refusal})
    end.

pop3(Start, Later, #{"h" := Host, "u" := User}) ->
    ok("greeting", Start),
    Connection = case Later of
        true ->
            say(Start, "STLS"),
            ok("starttls", Start),
            encrypt(Start, Host);
        false -> Start
    end,
    Ask = fun(Stage, Command) -> say(Connection, Command), ok(Stage, Connection) end,
    Ask("login", ["USER ", User]),
    Ask("login", ["PASS ", os:getenv("PASSWORD", "")]),
    Ask("mail", "RETR 1"),
    rest(Connection),
    Ask("end", "QUIT").

rest(Connection) ->
    case line("mail", Connection) of
        <<".">> -> ok;
        _ -> rest(Connection)
    end.
