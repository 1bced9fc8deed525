// An identity provider in miniature (OpenID Connect): everybody who comes is `account`, and sent back at once.

import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Starts a provider. `account`: the claims of whoever comes; `refuses`: the error that they are sent back with. */
export async function provide() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key', use: 'sig', alg: 'RS256' };
  const granted = new Map();
  const provider = { account: {}, refuses: null, visits: 0 };
  const tokenFor = ({ client_id: aud, nonce }) => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: provider.issuer, aud, nonce, iat: now, exp: now + 300, ...provider.account };
    const text = `${base64url({ alg: 'RS256', kid: 'key' })}.${base64url(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const answers = {
    '/.well-known/openid-configuration': () => ({
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      jwks_uri: `${provider.issuer}/keys`,
      end_session_endpoint: `${provider.issuer}/logout`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    }),
    '/keys': () => ({ keys: [jwk] }),
    '/token': (form) => {
      const grant = granted.get(form.get('code'));
      granted.delete(form.get('code'));
      const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
      if (grant?.code_challenge !== challenge) return { error: 'invalid_grant' };
      return { access_token: 'none', token_type: 'Bearer', id_token: tokenFor(grant) };
    },
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url, provider.issuer);
      if (pathname === '/authorize') {
        provider.visits += 1;
        const code = randomUUID();
        granted.set(code, Object.fromEntries(searchParams));
        const back = new URL(searchParams.get('redirect_uri'));
        back.searchParams.set('state', searchParams.get('state'));
        if (provider.refuses) back.searchParams.set('error', provider.refuses);
        else back.searchParams.set('code', code);
        return response.writeHead(302, { location: back.href }).end();
      }
      const answer = answers[pathname]?.(new URLSearchParams(body));
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider.issuer = `http://127.0.0.1:${server.address().port}`;
  return Object.assign(provider, {
    stop() {
      server.closeAllConnections();
      server.close();
    },
  });
}
