// A real authorization server (oidc-provider) for whoever calls toolgate. It gives signed access tokens for the resource
// that a client names, opaque ones when none is named, and ID tokens to nobody but through its own library.
//
// Argument: the resource that good tokens are for. Prints one line of JSON when it listens. A line on stdin is one of
// these, and is answered by a line:
//
// - `{"mint": {resource, scope, claims, header}}`: a token, with these claims and members of its header in place of its
//   own; a claim that is `null` is left out. It is signed with the key that the server signs with.
// - `{"hs256": {token, key}}`: the claims of a token, signed with the public key (`pem`, `der` or `jwk`) as if that were a
//   secret that is shared.
// - `{"rotate": true}`: it signs with a new key from now on.
// - `{"keys": "failing" | "hanging" | "garbage" | "html" | "empty" | "good"}`: what is answered to whoever wants its keys.
// - `{"keys_read": true}`: how often somebody wanted them.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// The server is installed elsewhere, and imports are looked for beside this file.
const require = createRequire(process.env.TOOLGATE_NODE_MODULES + "/x.cjs");
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const ours = process.argv[2];
const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}`;

// What the next token says in place of what the server would have it say.
let change = {};
let signer;

function customized({ claims = {}, header = {} }, token) {
  for (const [name, value] of Object.entries(claims)) {
    if (value !== null) token.payload[name] = value;
    // The library wants an audience to be there, and writes what can be enumerated.
    else Object.defineProperty(token.payload, name, { value: "none", enumerable: false, writable: true });
  }
  token.header = header;
}

function begin() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  signer = { publicKey, kid: key.kid };
  return new Provider(url, {
    jwks: { keys: [key] },
    formats: { customizers: { jwt: (_context, _token, token) => customized(change, token) } },
    clients: [
      {
        client_id: "app",
        client_secret: "s3cret-of-the-app",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ["mcp", "more"],
    ttl: { ClientCredentials: 60 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: "mcp more",
          audience: resource,
          accessTokenFormat: resource.endsWith("/opaque") ? "opaque" : "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
}

let provider = begin();
let keys = "good";
let keysRead = 0;

const sick = {
  failing: (response) => response.writeHead(500).end("no"),
  hanging: () => {},
  garbage: (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"keys":[{"kty":'),
  html: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Log in</html>"),
  empty: (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"keys":[]}'),
};

server.on("request", (request, response) => {
  const isAboutKeys = request.url === "/jwks";
  if (isAboutKeys) keysRead += 1;
  if (isAboutKeys && sick[keys]) return sick[keys](response);
  return provider.callback()(request, response);
});

async function mint({ resource = ours, scope = "mcp", ...changed }) {
  change = changed;
  const body = new URLSearchParams({ grant_type: "client_credentials", resource, scope });
  const authorization = "Basic " + Buffer.from("app:s3cret-of-the-app").toString("base64");
  const answer = await fetch(url + "/token", { method: "POST", body, headers: { authorization } });
  return answer.json();
}

async function idToken() {
  const client = await provider.Client.find("app");
  const token = new provider.IdToken({ sub: "user-1" }, { client, ctx: undefined });
  token.set("nonce", "n");
  return token.issue({ use: "idtoken" });
}

function hs256({ token, key }) {
  const { publicKey, kid } = signer;
  const secrets = {
    pem: () => publicKey.export({ type: "spki", format: "pem" }),
    der: () => publicKey.export({ type: "spki", format: "der" }),
    jwk: () => JSON.stringify(publicKey.export({ format: "jwk" })),
  };
  const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "at+jwt", kid })).toString("base64url");
  const message = `${header}.${token.split(".")[1]}`;
  return `${message}.${createHmac("sha256", secrets[key]()).update(message).digest("base64url")}`;
}

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const wish = JSON.parse(line);
    let said = {};
    try {
      if (wish.mint) said = await mint(wish.mint);
      if (wish.id_token) said = { access_token: await idToken() };
      if (wish.hs256) said = { access_token: hs256(wish.hs256) };
      if (wish.rotate) provider = begin();
      if (wish.keys) keys = wish.keys;
      if (wish.keys_read) said = { keys_read: keysRead };
    } catch (error) {
      said = { error: String(error) };
    }
    console.log(JSON.stringify(said));
  })
  .on("close", () => process.exit(0));
console.log(JSON.stringify({ url }));
