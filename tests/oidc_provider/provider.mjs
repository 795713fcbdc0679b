// The certified `oidc-provider` set to the rules of FranceConnect v2, for one client that a test describes on the command line.
// It signs everybody in as Claire, without a page.
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { Provider } from 'oidc-provider';

const { port, client } = JSON.parse(process.argv[2]);
const PREFIX = '/api/v2';
const issuer = `http://127.0.0.1:${port}${PREFIX}`;
const CLAIRE = {
  given_name: 'Claire Marie-Ève', given_name_array: ['Claire', 'Marie-Ève'], family_name: 'Lecœur', birthdate: '2001-02-03',
  idp_birthdate: '2001-02-03', gender: 'female', birthplace: '25056', birthcountry: '99100', preferred_username: 'Durand',
};
const PIVOT = ['given_name', 'given_name_array', 'family_name', 'birthdate', 'gender', 'birthplace', 'birthcountry'];

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' };

const provider = new Provider(issuer, {
  clients: [client],
  jwks: { keys: [key] },
  cookies: { keys: ['cookies'] },
  acrValues: ['eidas1', 'eidas2', 'eidas3'],
  scopes: ['openid'],
  claims: {
    openid: ['sub'], identite_pivot: PIVOT, idp_birthdate: ['idp_birthdate'], preferred_username: ['preferred_username'],
    acr: null, amr: null, auth_time: null, iss: null, sid: null,
  },
  features: {
    devInteractions: { enabled: false },
    jwtUserinfo: { enabled: true },
    encryption: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        context.body = form.replace('</form>', '<input type="hidden" name="logout" value="yes"/></form>');
      },
    },
  },
  enabledJWA: {
    idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'],
    userinfoEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'], userinfoEncryptionEncValues: ['A256GCM'],
  },
  responseTypes: ['code'],
  pkce: { required: () => true },
  conformIdTokenClaims: true,
  // its own would refuse the register's address, which is on this machine
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', end_session: '/session/end', jwks: '/jwks' },
  ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Session: 1800, Grant: 1800, Interaction: 600 },
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, ...CLAIRE }) }),
  interactions: { url: (context, interaction) => `${PREFIX}/interaction/${interaction.uid}` },
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope([...oidc.requestParamScopes].join(' '));
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
http.createServer(async (request, response) => {
  if (request.url.startsWith(`${PREFIX}/interaction/`)) {
    const { params } = await provider.interactionDetails(request, response);
    const login = { accountId: 'claire', acr: params.acr_values.split(' ')[0], amr: ['pwd'] };
    return provider.interactionFinished(request, response, { login, consent: {} });
  }
  if (!request.url.startsWith(PREFIX)) {
    response.statusCode = 404;
    return response.end();
  }
  request.originalUrl = request.url;
  request.url = request.url.slice(PREFIX.length) || '/';
  return answer(request, response);
}).listen(port, '127.0.0.1', () => console.log('ready'));
