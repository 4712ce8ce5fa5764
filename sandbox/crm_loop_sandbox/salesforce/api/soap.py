"""Sign-in by SOAP, which old tools still use; nothing else of that API is here."""

from crm_loop_sandbox.salesforce.call import Reply
from crm_loop_sandbox.salesforce.errors import ApiError
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.tokens import SESSION_SECONDS, Sessions
from crm_loop_sandbox.salesforce.xml_text import element, parsed

_XML = "text/xml;charset=UTF-8"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{}</soapenv:Body>'
    "</soapenv:Envelope>"
)


def login(org: Org, sessions: Sessions, version: str, raw: bytes, instance: str) -> Reply:
    """A session for a user name with password and security token."""
    try:
        root = parsed(raw)
    except ValueError as wrong:
        return _fault("UNKNOWN_EXCEPTION", str(wrong))
    asked = root.find(".//login")
    if asked is None:
        return _fault("INVALID_TYPE", "only login is served here")
    form = {"username": asked.findtext("username"), "password": asked.findtext("password")}
    try:
        user = sessions.password({name: text or "" for name, text in form.items()})
    except ApiError:
        message = "Invalid username, password, security token; or user locked out."
        return _fault("INVALID_LOGIN", message)
    return Reply(_answer(org, sessions, user, f"{instance}/services/Soap/u/{version}"), media=_XML)


def _answer(org: Org, sessions: Sessions, user: str, url: str) -> bytes:
    row = org.tables["User"][user]
    server = f"{url}/{org.org_id[:15]}"
    result = {
        "metadataServerUrl": server.replace("/u/", "/m/"),
        "passwordExpired": False,
        "sandbox": False,
        "serverUrl": server,
        "sessionId": sessions.open(user),
        "userId": user,
        "userInfo": {
            "organizationId": org.org_id,
            "sessionSecondsValid": int(SESSION_SECONDS),
            "userEmail": row["Email"],
            "userId": user,
            "userLanguage": row["LanguageLocaleKey"],
            "userLocale": row["LocaleSidKey"],
            "userName": row["Username"],
            "userTimeZone": row["TimeZoneSidKey"],
        },
    }
    return _ENVELOPE.format(element("loginResponse", {"result": result})).encode()


def _fault(code: str, message: str) -> Reply:
    said = {"sf:exceptionCode": code, "sf:exceptionMessage": message}
    fault = (
        element("faultcode", f"sf:{code}")
        + element("faultstring", f"{code}: {message}")
        + element("detail", {"sf:LoginFault": said})
    )
    text = _ENVELOPE.format(f"<soapenv:Fault>{fault}</soapenv:Fault>")
    return Reply(text.encode(), 500, media=_XML)
