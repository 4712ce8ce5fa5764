"""Sign-in by SOAP, which old tools still use; nothing else of that API is here."""

from crm_loop_sandbox.salesforce.call import Reply
from crm_loop_sandbox.salesforce.errors import ApiError
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.tokens import SESSION_SECONDS, Sessions
from crm_loop_sandbox.salesforce.xml_text import parsed

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
    result = (
        "<loginResponse><result>"
        f"<metadataServerUrl>{server.replace('/u/', '/m/')}</metadataServerUrl>"
        "<passwordExpired>false</passwordExpired><sandbox>false</sandbox>"
        f"<serverUrl>{server}</serverUrl><sessionId>{sessions.open(user)}</sessionId>"
        f"<userId>{user}</userId><userInfo>"
        f"<organizationId>{org.org_id}</organizationId>"
        f"<sessionSecondsValid>{int(SESSION_SECONDS)}</sessionSecondsValid>"
        f"<userEmail>{row.get('Email')}</userEmail><userId>{user}</userId>"
        f"<userLanguage>{row.get('LanguageLocaleKey')}</userLanguage>"
        f"<userLocale>{row.get('LocaleSidKey')}</userLocale>"
        f"<userName>{row.get('Username')}</userName>"
        f"<userTimeZone>{row.get('TimeZoneSidKey')}</userTimeZone>"
        "</userInfo></result></loginResponse>"
    )
    return _ENVELOPE.format(result).encode()


def _fault(code: str, message: str) -> Reply:
    fault = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode>"
        f"<faultstring>{code}: {message}</faultstring><detail><sf:LoginFault "
        f'xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail>"
        "</soapenv:Fault>"
    )
    return Reply(_ENVELOPE.format(fault).encode(), 500, media=_XML)
