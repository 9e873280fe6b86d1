"""The security headers of every answer."""

from flask import Flask, Response, make_response, request

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Bootstrap draws the ticks and arrows of form controls as data: images
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not "no-referrer": under https the CSRF protection compares the referrer of a form
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STRICT_TRANSPORT = "max-age=31536000"


def may_fetch(response: Response) -> Response:
    """Let the scripts of this page ask this server for more; every other page's ask nobody."""
    response.headers["Content-Security-Policy"] = f"{_POLICY}; connect-src 'self'"
    return response


def without_path(page: str) -> Response:
    """A page whose address is a secret: no request it leads to tells that address, not even to this server.

    The host alone is told, which is what the CSRF protection compares.
    """
    response = make_response(page)
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def install_headers(app: Flask, *, secure: bool) -> None:
    """Have `app` send the security headers, and keep every page but the static files out of caches.

    Args:
        secure: True when browsers come by https; they are then told to come by nothing else.
    """

    always = {**_ALWAYS, **({"Strict-Transport-Security": _STRICT_TRANSPORT} if secure else {})}
    named = [(name, name.lower(), value) for name, value in always.items()]

    def add(response: Response) -> Response:
        # looked through once: each look for one header by name is a look at all of them
        there = {name.lower() for name, _ in response.headers}
        for name, lower, value in named:
            if lower not in there:
                response.headers.add(name, value)
        if not (request.endpoint or "").endswith("static"):
            response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(add)
