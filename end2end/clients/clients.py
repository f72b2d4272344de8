"""What a program in Python does with Authlib and PyJWT. Started by python.test.mjs, which checks the last line."""

import os

import jwt
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
import requests

here = os.environ["DAYPASS"]
holder = os.environ["HOLDER"].split(":")
guard = os.environ["GUARD"].split(":")

found = requests.get(here + "/.well-known/oauth-authorization-server", timeout=5).json()
metadata = AuthorizationServerMetadata(found)
assert metadata["issuer"] == here
token_endpoint = metadata["token_endpoint"]

for method in ("client_secret_basic", "client_secret_post"):
    session = OAuth2Session(*holder, token_endpoint_auth_method=method, scope="Press%20photos:read")
    minted = session.fetch_token(token_endpoint, grant_type="client_credentials")
    assert minted["token_type"] == "Bearer" and minted["scope"] == "Press%20photos:read", minted
    narrowed = session.fetch_token(
        token_endpoint,
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=minted["access_token"],
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        lifetime=60,
    )
    assert narrowed["expires_in"] == 60, narrowed
    asking = OAuth2Session(*guard, token_endpoint_auth_method=method)
    seen = asking.introspect_token(metadata["introspection_endpoint"], token=narrowed["access_token"]).json()
    assert seen["active"] is True and seen["client_id"] == holder[0], seen
    unknown = asking.introspect_token(metadata["introspection_endpoint"], token="nobody").json()
    assert unknown == {"active": False}, unknown

try:
    OAuth2Session(*holder, scope="Press%20photos:delete").fetch_token(token_endpoint, grant_type="client_credentials")
    raise SystemExit("more than the token has was given")
except OAuthError as error:
    assert error.error == "invalid_scope", error

keys = jwt.PyJWKClient(metadata["jwks_uri"])
value = minted["access_token"]
rules = {"algorithms": ["EdDSA"], "issuer": here, "audience": here}
claims = jwt.decode(value, keys.get_signing_key_from_jwt(value).key, **rules)
assert claims["client_id"] == holder[0], claims
head, body, signature = value.split(".")
try:
    jwt.decode(f"{head}.{body[:-2]}AA.{signature}", keys.get_signing_key_from_jwt(value).key, **rules)
    raise SystemExit("a changed token was accepted")
except jwt.InvalidTokenError:
    pass

print("all is well")
