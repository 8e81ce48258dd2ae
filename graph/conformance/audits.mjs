// Runs every server audit of graphql-http against the endpoint given as the
// only argument, then checks that its introspection builds a client schema.
// Exit status 0 only when all 61 audits pass and the schema builds.
import { buildClientSchema, getIntrospectionQuery, validateSchema } from 'graphql';
import { serverAudits } from 'graphql-http';

// The number that graphql-http 1.23 ships: fewer would mean that some did not run.
const EXPECTED = 61;

const url = process.argv[2];
if (!url) {
  console.error('usage: node audits.mjs URL');
  process.exit(2);
}

// A server that has just started may not answer yet.
for (let attempt = 0; ; attempt++) {
  try {
    const response = await fetch(`${url}?query={__typename}`);
    if (response.ok) break;
    throw new Error(`HTTP ${response.status}`);
  } catch (error) {
    if (attempt === 150) {
      console.error(`${url} does not answer: ${error.cause?.message ?? error.message}`);
      process.exit(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const audits = serverAudits({ url, fetchFn: fetch });
let passed = 0;
let failed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    passed++;
    continue;
  }
  failed++;
  console.error(`${result.status}: ${result.id} ${result.name}`);
  console.error(`  ${result.reason}`);
  console.error(`  HTTP ${result.response.status}: ${(await result.response.text()).slice(0, 500)}`);
}
if (audits.length !== EXPECTED) {
  console.error(`expected ${EXPECTED} audits, graphql-http has ${audits.length}`);
  failed++;
}

// The fullest form of the query, as schema tools send it.
for (const options of [
  {},
  { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true },
]) {
  const form = Object.keys(options).length ? 'full' : 'standard';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: getIntrospectionQuery(options) }),
  });
  const { data, errors } = await response.json();
  const problems = errors ?? validateSchema(buildClientSchema(data));
  if (problems.length > 0) {
    failed++;
    console.error(`introspection (${form}): HTTP ${response.status}`);
    for (const problem of problems) console.error(`  ${problem.message}`);
  } else {
    const types = data.__schema.types.filter((type) => !type.name.startsWith('__'));
    console.log(`introspection (${form}): ${types.length} types`);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
