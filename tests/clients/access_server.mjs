// A real authorization server (oidc-provider) for whoever calls toolgate. It gives signed access tokens for the resource
// that a client names, opaque ones when none is named, and ID tokens to nobody but through its own library.
//
// Argument: the resource that good tokens are for. Prints one line of JSON when it listens. A line on stdin is
// `{"mint": …}`, answered with a token, or `{"rotate": true}`, answered when it signs with a new key.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// The server is installed elsewhere, and imports are looked for beside this file.
const require = createRequire(process.env.TOOLGATE_NODE_MODULES + "/x.cjs");
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const ours = process.argv[2];
const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}`;

function begin() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  return new Provider(url, {
    jwks: { keys: [key] },
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
server.on("request", (request, response) => provider.callback()(request, response));

async function mint({ resource = ours, scope = "mcp" }) {
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

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const wish = JSON.parse(line);
    let said = {};
    try {
      if (wish.mint) said = await mint(wish.mint);
      if (wish.id_token) said = { access_token: await idToken() };
      if (wish.rotate) provider = begin();
    } catch (error) {
      said = { error: String(error) };
    }
    console.log(JSON.stringify(said));
  })
  .on("close", () => process.exit(0));
console.log(JSON.stringify({ url }));
