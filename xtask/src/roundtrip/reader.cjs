// Reads requests of toolgate as Prism does, a validator of OpenAPI documents that shares nothing with toolgate.
//
// usage: reader.cjs MODULES DOCUMENT REQUESTS
//
// One line of JSON for each line of REQUESTS: {operation, kind, verdict, reason}. Verdicts:
//   accepted  the request is one of this operation
//   unsent    toolgate itself refused the arguments
//   unsaid    refused for a keyword that the schema shown to models has no word for
//   unread    Prism does not read this; the reason says what
//   refused   anything else: toolgate, the document or Prism is wrong

const fs = require("node:fs");
const path = require("node:path");

const [modules, documentPath, requestsPath] = process.argv.slice(2);
const load = (name) => require(path.resolve(modules, name));
const { getHttpOperationsFromSpec } = load("@stoplight/prism-http");
const { validateInput } = load("@stoplight/prism-http/dist/validator");
const route = load("@stoplight/prism-http/dist/router").default;
const typeIs = load("type-is");
const yaml = load("@stoplight/yaml");

// Prism takes a value for good when its schema does not compile. Here that is no judgement.
let broken = null;
for (const draft of ["ajv", "ajv/dist/2019", "ajv/dist/2020"]) {
  const Ajv = load(draft).default;
  const compile = Ajv.prototype.compile;
  Ajv.prototype.compile = function (...given) {
    try {
      return compile.apply(this, given);
    } catch (error) {
      broken = String(error.message);
      throw error;
    }
  };
}

main().catch((error) => {
  console.error(String(error.message ?? error).slice(0, 300));
  process.exit(1);
});

async function main() {
  const lines = fs.readFileSync(requestsPath, "utf8").split("\n").filter(Boolean);
  if (lines.length === 0) return;
  const operations = await getHttpOperationsFromSpec(document());
  for (const line of lines) {
    const request = JSON.parse(line);
    const { operation, kind } = request;
    const [verdict, reason] = judge(request, operations);
    console.log(JSON.stringify({ operation, kind, verdict, reason }));
  }
}

// The document without what other tests judge: servers, security, and the headers that are no parameters.
function document() {
  const text = fs.readFileSync(documentPath, "utf8").replace(/^\uFEFF/, "");
  const document = text.trimStart().startsWith("{") ? JSON.parse(text) : yaml.parse(text);
  for (const key of ["security", "servers", "host", "basePath"]) delete document[key];
  for (const item of Object.values(document.paths ?? {})) {
    if (item === null || typeof item !== "object") continue;
    delete item.servers;
    for (const operation of Object.values(item)) {
      if (operation === null || typeof operation !== "object") continue;
      delete operation.servers;
      delete operation.security;
    }
  }
  ignoreHeaders(document, new Set());
  return document;
}

// "If `in` is `header` and the name is Accept, Content-Type or Authorization, the definition shall be ignored"
// (OpenAPI 3.1, section 4.8.12.2); toolgate holds to it for 2.0, too.
function ignoreHeaders(node, seen) {
  if (node === null || typeof node !== "object" || seen.has(node)) return;
  seen.add(node);
  const isIgnored = typeof node.name === "string" && /^(accept|content-type|authorization)$/i.test(node.name);
  if (node.in === "header" && isIgnored) {
    const { name } = node;
    for (const key of Object.keys(node)) delete node[key];
    Object.assign(node, { name, in: "header", type: "string", schema: {} });
  }
  Object.values(node).forEach((child) => ignoreHeaders(child, seen));
}

function judge(request, operations) {
  if (request.refused) return ["unsent", request.refused.join("; ")];
  const body = Buffer.from(request.body, "base64");
  const lost = missing(request, body);
  if (lost !== undefined) return ["refused", `not in the request: ${lost}`];
  const input = inputOf(request, body);
  if (input === undefined) return ["refused", "a body that is no JSON"];
  const named = operations.find((operation) => signature(operation) === request.operation);
  if (named === undefined) return ["unread", "the operation has another path here"];
  // A fragment is never sent, a query in a path is one of the query: Prism looks for both in the path.
  const [plain, fixed] = split(named.path);
  const query = decode(new URL(request.url).search);
  if (!fixed.split("&").every((pair) => /\{|^$/.test(pair) || query.includes(decode(pair)))) {
    return ["refused", "the path's own query is not sent"];
  }
  const resource = { ...named, path: plain };
  const found = route({ resources: [resource], input });
  if (found._tag === "Left") {
    if (/\{\+|\/:\w/.test(plain)) return ["unread", "a path with {+name} or :name"];
    return ["refused", `no path: ${found.left.message}`];
  }
  const type = String(input.headers["content-type"] ?? "");
  if (/xml/i.test(type)) return ["unread", "a body of XML"];
  broken = null;
  let result;
  try {
    result = validateInput({ resource, element: input });
  } catch (error) {
    return ["unread", `cannot read: ${error.message}`];
  }
  if (broken !== null) return ["unread", "a schema that does not compile"];
  const errors = result._tag === "Left" ? result.left.filter((error) => error.severity === 0) : [];
  const judged = errors.map((error) => opinion(error, errors, request, resource, type));
  for (const verdict of ["refused", "unsaid", "unread"]) {
    const found = judged.find((one) => one[0] === verdict);
    if (found !== undefined) return found;
  }
  return ["accepted", ""];
}

// What an error of Prism's stands for.
function opinion(error, errors, request, resource, type) {
  const place = (error.path ?? []).join(".");
  const kind = place.split(".")[0];
  const { message } = error;
  const isBody = kind === "body" || message.startsWith("Body");
  const isPair = kind === "query" || kind === "path" || kind === "header";
  const parameters = isPair ? resource.request[kind === "header" ? "headers" : kind] ?? [] : [];
  const named = parameters.find((one) => place.toLowerCase().startsWith(`${kind}.${one.name.toLowerCase()}`));
  const says = (pattern) => pattern.test(message);
  if (isBody && /multipart/.test(type)) return ["unread", "parts that are lists, JSON or files"];
  if (isBody && /urlencoded/.test(type)) return ["unread", "fields of a form that are no texts"];
  if (isBody && !/json/.test(type) && says(/must be (object|array)/)) return ["unread", `a body of ${type.split(";")[0]}`];
  if (says(/Supported content types: (?!.*\/)|Supported content types: application\/form-data/)) {
    return ["unread", "a media type that is none"];
  }
  if (says(/^No supported content types/)) return ["unread", "a body for which the document names no media type"];
  if (says(/^Supported content types: application\/octet-stream$/)) {
    return ["unread", "a media type that a Content-Type parameter names"];
  }
  if (isPair && says(/oneOf|anyOf|must be (array|null|object)/)) {
    return ["unread", "texts of which several alternatives could be meant"];
  }
  if (kind === "query" && (named?.style === "deepObject" || says(/required property/)) && says(/fewer than|required property|must be/)) {
    const all = parameters.filter((one) => one.schema?.type === "object" || one.style === "deepObject");
    if (all.length > 0) return ["unread", "an object in the query: its names are read in lower case, and members that are left out as empty"];
  }
  if (kind === "query" && named?.explode === undefined && named?.schema?.type === "array") {
    return ["unread", "a list whose explode is not written: it is taken for false"];
  }
  if (kind === "query" && says(/required property/) && /=(&|$)/.test(request.url)) return ["unread", "an empty text: it is taken for nothing"];
  if (kind === "query" && named?.content !== undefined) return ["unread", "a parameter with content"];
  if (kind === "path" && says(/required property/) && /\{[^}]*[^\w}][^}]*\}/.test(resource.path)) {
    return ["unread", "a variable whose name holds other characters than letters and digits"];
  }
  if (kind === "path" && says(/required property/)) {
    const variable = /property '([^']*)'/.exec(message)?.[1] ?? "";
    if (request.operation.includes("?")) return ["unread", "a variable in the query of a path"];
    if (!resource.path.toLowerCase().includes(`{${variable}`)) return ["unread", "a path parameter that the path does not have"];
  }
  const extra = /found '([^']*)'/.exec(message);
  if (extra !== null && requires(resource.request.body, extra[1], new Set())) {
    return ["unread", "an object that is closed and requires what it does not declare: nothing is right"];
  }
  if (isBody && says(/must be string/) && /^body$/.test(place) && /^\{/.test(Buffer.from(request.body, "base64").toString())) {
    return ["unread", "a $ref with other keywords beside it: in 3.0 they do not count"];
  }
  const isOpen = errors.some((other) => (other.path ?? [])[0] === kind && /oneOf|anyOf/.test(other.message));
  if (request.kind === "document") {
    if (says(/exactly one/)) return ["unread", "alternatives that overlap, or that a discriminator tells apart"];
    if (says(/one of the allowed values/)) return ["unread", "an enum that its own type excludes"];
    if (says(/match format/)) return ["unsaid", "a format that the document's own example breaks: toolgate does not assert any"];
    if (says(/match pattern/)) return ["unsaid", "a pattern that toolgate does not compile: lookaround, or too large"];
  } else {
    if (isOpen) return ["unsaid", `alternatives in the ${kind}`];
    const unsaid = /must (match format "[^"]*"|match pattern|be multiple of|NOT be valid|be null|NOT have (fewer|more) than \d+ properties|be equal to one of the allowed values)/;
    const keyword = unsaid.exec(message);
    if (keyword !== null) return ["unsaid", keyword[1]];
  }
  return ["refused", `${place}: ${message}`];
}

// Whether a schema somewhere in `node` requires a property of this name.
function requires(node, name, seen) {
  if (node === null || typeof node !== "object" || seen.has(node)) return false;
  seen.add(node);
  if (Array.isArray(node.required) && node.required.includes(name)) return true;
  return Object.values(node).some((child) => requires(child, name, seen));
}

function signature(operation) {
  return `${operation.method.toUpperCase()} ${operation.path}`;
}

function split(template) {
  const [plain, query] = template.split("#")[0].split("?");
  return [plain, query ?? ""];
}

// What Prism's own server makes of a request.
function inputOf(request, body) {
  const url = new URL(request.url);
  const query = {};
  for (const key of url.searchParams.keys()) {
    const values = url.searchParams.getAll(key);
    query[key] = values.length === 1 ? values[0] : values;
  }
  const headers = { ...request.headers, "content-length": String(body.length) };
  let content = body.length === 0 ? null : body.toString("utf8");
  const isJson = typeIs.is(headers["content-type"] ?? "", ["application/json", "application/*+json"]);
  if (content !== null && isJson) {
    try {
      content = JSON.parse(content);
    } catch {
      return undefined;
    }
  }
  return { method: request.method.toLowerCase(), url: { path: url.pathname, query }, headers, body: content };
}

// The first argument of which a part is nowhere in the request: whatever a validator may think, it was lost.
function missing(request, body) {
  const text = body.toString("utf8");
  const places = [decode(request.url), text, decode(text.replaceAll("+", " ")), unescape(text)];
  places.push(...Object.values(request.headers), ...Object.values(request.headers).map(decode));
  const values = new Set();
  for (const document of [text, ...text.split("\n")]) {
    try {
      collect(JSON.parse(document), values);
    } catch {}
  }
  const has = (leaf) =>
    values.has(leaf) ||
    places.some((place) => place.includes(leaf) || place.includes(JSON.stringify(leaf).slice(1, -1))) ||
    body.includes(Buffer.from(leaf.replace(/^data:[^,]*,/, ""), "base64"));
  for (const [name, value] of Object.entries(request.arguments)) {
    const leaves = new Set();
    collect(value, leaves);
    for (const leaf of leaves) {
      if (leaf !== "" && !has(leaf)) return name;
    }
  }
  return undefined;
}

function collect(value, leaves) {
  if (value !== null && typeof value === "object") {
    Object.values(value).forEach((item) => collect(item, leaves));
  } else if (typeof value !== "number" || Number.isSafeInteger(value)) {
    if (value !== null) leaves.add(String(value));
  }
}

function decode(text) {
  return text.replace(/(%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function unescape(text) {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
