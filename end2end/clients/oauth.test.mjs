// Third-party clients, unmodified, against the real server: oauth4webapi and openid-client mint, exchange and
// introspect, jose checks the tokens offline. What they accept is what their users' programs will accept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

import { organisation } from './organisation.mjs';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
/** The server of the test has no certificate. */
const http = { [oauth.allowInsecureRequests]: true };

/** @type {Awaited<ReturnType<typeof organisation>>} */
let here;
before(async () => (here = await organisation()));
after(() => here.daypass.remove());

async function server() {
  const issuer = new URL(here.daypass.url);
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...http });
  return oauth.processDiscoveryResponse(issuer, answer);
}

for (const [name, authentication] of /** @type {const} */ ([
  ['client_secret_basic', oauth.ClientSecretBasic],
  ['client_secret_post', oauth.ClientSecretPost],
])) {
  test(`oauth4webapi mints, exchanges and introspects with ${name}`, async () => {
    const as = await server();
    const client = { client_id: here.holder.id };
    const own = authentication(here.holder.secret);
    const scope = new URLSearchParams({ scope: 'Press%20photos:read', resource: here.daypass.url });
    const asked = await oauth.clientCredentialsGrantRequest(as, client, own, scope, http);
    const minted = await oauth.processClientCredentialsResponse(as, client, asked);
    assert.equal(minted.scope, 'Press%20photos:read');
    assert.equal(minted.expires_in, 900);

    const fields = { subject_token: minted.access_token, subject_token_type: ACCESS_TOKEN, lifetime: '60' };
    const exchanging = await oauth.genericTokenEndpointRequest(as, client, own, EXCHANGE, new URLSearchParams(fields), http);
    const narrowed = await oauth.processGenericTokenEndpointResponse(as, client, exchanging);
    assert.equal(narrowed.expires_in, 60);
    assert.equal(narrowed.issued_token_type, ACCESS_TOKEN);

    const guard = { client_id: here.guard.id };
    for (const token of [minted.access_token, narrowed.access_token, 'nobody-issued-this']) {
      const asking = await oauth.introspectionRequest(as, guard, authentication(here.guard.secret), token, http);
      const seen = await oauth.processIntrospectionResponse(as, guard, asking);
      assert.equal(seen.active, token !== 'nobody-issued-this');
      assert.equal(seen.scope, seen.active ? 'Press%20photos:read' : undefined);
    }
  });
}

test('oauth4webapi understands what is refused', async () => {
  const as = await server();
  const client = { client_id: here.holder.id };
  const refused = async (/** @type {string} */ secret, /** @type {string} */ scope) => {
    const own = oauth.ClientSecretBasic(secret);
    const asked = await oauth.clientCredentialsGrantRequest(as, client, own, new URLSearchParams({ scope }), http);
    await oauth.processClientCredentialsResponse(as, client, asked);
  };
  await assert.rejects(refused(here.holder.secret, 'Press%20photos:delete'), { error: 'invalid_scope' });
  await assert.rejects(refused(here.guard.secret, 'Press%20photos:read'), { status: 401 });
});

test('openid-client finds the server, mints and introspects', async () => {
  const find = (/** @type {{id: string, secret: string}} */ token) =>
    openid.discovery(new URL(here.daypass.url), token.id, token.secret, undefined, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
  const minted = await openid.clientCredentialsGrant(await find(here.holder), { scope: 'Press%20photos:read' });
  const seen = await openid.tokenIntrospection(await find(here.guard), minted.access_token);
  assert.equal(seen.active, true);
  assert.equal(seen.client_id, here.holder.id);
  const narrowed = await openid.genericGrantRequest(await find(here.holder), EXCHANGE, {
    subject_token: minted.access_token,
    subject_token_type: ACCESS_TOKEN,
  });
  assert.equal(narrowed.scope, 'Press%20photos:read');
});

test('jose and oauth4webapi check a token offline', async () => {
  const as = await server();
  const client = { client_id: here.holder.id };
  const own = oauth.ClientSecretBasic(here.holder.secret);
  const asked = await oauth.clientCredentialsGrantRequest(as, client, own, new URLSearchParams(), http);
  const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, asked);
  const keys = createRemoteJWKSet(new URL(as.jwks_uri ?? ''));
  const rules = { issuer: here.daypass.url, audience: here.daypass.url, algorithms: ['EdDSA'], typ: 'at+jwt' };
  const { payload } = await jwtVerify(token, keys, rules);
  assert.equal(payload.client_id, here.holder.id);
  const [head, body, signature] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ ...payload, exp: 4_102_444_800 })).toString('base64url');
  assert.notEqual(forged, body);
  await assert.rejects(jwtVerify([head, forged, signature].join('.'), keys, rules));

  // RFC 9068, by a library that checks each of its claims.
  const request = new Request(`${here.daypass.url}/pictures`, { headers: { authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(as, request, here.daypass.url, {
    ...http,
    signingAlgorithms: ['EdDSA'],
  });
  assert.equal(claims.sub, here.holder.id);
});
