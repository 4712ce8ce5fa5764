"""The console as one ASGI application, made of the route table."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Served
from starlette.staticfiles import StaticFiles

from crm_loop.bootstrap import App
from crm_loop.console.cookies import Cookies
from crm_loop.console.guard import Guard, refused
from crm_loop.console.headers import SecurityHeaders
from crm_loop.console.rendering import Pages
from crm_loop.console.routes import ERROR, MISSING, ROUTES
from crm_loop.console.serving_address import hosts, is_secure
from crm_loop.errors import WrongUsage
from crm_loop.settings import Environment


def create(app: App) -> Starlette:
    """Build it; WrongUsage when a setting would make it unsafe."""
    secure = is_secure(app.settings)
    if app.settings.env is Environment.PRODUCTION and not secure:
        raise WrongUsage(
            "The console has no https address.",
            code="settings.public_url",
            kept="Nothing was started.",
            do="Set CRM_LOOP_PUBLIC_URL to the https address under which people reach it.",
        )
    pages = Pages({route.name: route.path for route in ROUTES})
    guard = Guard(app, pages, Cookies(secure))
    served: list[BaseRoute] = [
        Served(route.path, guard.endpoint(route), methods=[route.method]) for route in ROUTES
    ]
    static = StaticFiles(packages=[("crm_loop.console", "static")])
    return Starlette(
        routes=[*served, Mount("/static", static, name="static")],
        middleware=[
            Middleware(SecurityHeaders, secure=secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts(app.settings)),
        ],
        exception_handlers={
            400: refused(guard, ERROR),
            404: refused(guard, MISSING),
            405: refused(guard, MISSING),
            411: refused(guard, ERROR),
            413: refused(guard, ERROR),
            422: refused(guard, ERROR),
            Exception: refused(guard, ERROR),
        },
    )
