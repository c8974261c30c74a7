// An OpenID provider on a port of this machine: node provider.mjs PORT CALLBACK PEOPLE
// PEOPLE: a file of JSON, {"anna": {"groups": ["staff"]}}, read at every login. Any password will do.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import Provider from 'oidc-provider'

const [port, callback, people] = process.argv.slice(2)

function findAccount (_, sub) {
  const claims = JSON.parse(readFileSync(people, 'utf8'))[sub]
  return claims && { accountId: sub, claims: () => ({ sub, ...claims }) }
}

new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'soroka', client_secret: 'a secret of the tests', redirect_uris: [callback] }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'given_name', 'family_name'], groups: ['groups'] },
  cookies: { keys: [randomUUID()] },
  findAccount,
  pkce: { required: () => true }
}).listen(port, '127.0.0.1')
