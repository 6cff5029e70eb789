// A real authorization server (oidc-provider) with an API behind it that takes only its tokens.
//
// Argument: a path that the private key of the client `signer` is written to. Prints one line of JSON when it listens.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// The server is installed elsewhere, and imports are looked for beside this file.
const require = createRequire(process.env.TOOLGATE_NODE_MODULES + "/x.cjs");
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
writeFileSync(process.argv[2], privateKey.export({ type: "pkcs8", format: "pem" }));

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}`;

const client = (client_id, token_endpoint_auth_method, more) => ({
  client_id,
  token_endpoint_auth_method,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  ...more,
});
// A secret with characters that have to be encoded before they stand in Basic credentials.
const client_secret = "s3cret of+the/client%";
const provider = new Provider(url, {
  clients: [
    client("basic", "client_secret_basic", { client_secret }),
    client("body", "client_secret_post", { client_secret }),
    client("signer", "private_key_jwt", {
      jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), use: "sig", alg: "ES256" }] },
      token_endpoint_auth_signing_alg: "ES256",
    }),
  ],
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  scopes: ["items:read"],
  ttl: { ClientCredentials: 60 },
});

let given = 0;
provider.on("grant.success", () => (given += 1));
const revoked = new Set();
const oidc = provider.callback();

server.on("request", async (request, response) => {
  if (!request.url.startsWith("/items")) return oidc(request, response);
  const token = (request.headers.authorization ?? "").replace("Bearer ", "");
  const found = revoked.has(token) ? undefined : await provider.ClientCredentials.find(token);
  // This item takes back the token that it was asked with.
  if (request.url.startsWith("/items/revoke")) revoked.add(token);
  const body = found
    ? { client: found.clientId, scope: found.scope, given }
    : { error: "this is no token of ours" };
  response.writeHead(found ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
});

console.log(JSON.stringify({ url }));
process.stdin.on("end", () => process.exit(0)).resume();
