"""Answers that leave whole: head and body in one write. The two messages of ASGI are two system calls, and two packets.

It is an extension of ASGI between our web server and the graph; under another server the graph sends its two messages.
"""

from collections.abc import Sequence

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

EXTENSION = "parchemin.whole"
"""Its key among the extensions of a scope, for a dictionary whose `send` is `send_whole` of that request."""


MOST_BYTES = 64 * 1024
"""Of a body: to copy a longer one behind its head costs more than a second write."""


def send_whole(cycle: RequestResponseCycle, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
    """Sends the answer of a successful request; whether it did. What is out of the ordinary is left to uvicorn, and nothing is sent.

    The headers are ours, and not looked at: `Content-Length` is among them, `Connection` and `Transfer-Encoding` are not. No log has it,
    since our web server logs no request.
    """
    if cycle.disconnected or cycle.response_started or cycle.flow.write_paused:
        return False
    if cycle.scope["method"] == "HEAD" or len(body) > MOST_BYTES:
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    lines = [b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)]
    end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.transport.write(b"".join((STATUS_LINE[200], *lines, end, body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
