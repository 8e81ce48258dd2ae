// What the checks are written with.
import { deepStrictEqual, ok } from 'node:assert';

export const assert = ok;
export const equal = deepStrictEqual;

/** All that an iteration yields; into, when given, is filled on the way. */
export async function collect(iterable, into = []) {
  for await (const one of iterable) into.push(one);
  return into;
}

/** What a promise is rejected with; it must be. */
export async function failing(promise) {
  let value;
  try {
    value = await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error(`succeeds, with ${JSON.stringify(value)}`);
}

/** Waits for a condition. */
export async function until(is) {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The answer to a query posted as JSON. */
export async function post(url, query, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

/**
 * Runs checks one after the other, each in ten seconds at most. Returns how
 * many failed, after saying which.
 */
export async function run(title, checks) {
  const entries = Object.entries(checks);
  let failed = 0;
  for (const [name, check] of entries) {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('still waiting after 10 s')), 10_000)));
    try {
      await Promise.race([check(), late]);
    } catch (error) {
      failed++;
      console.error(`${title}: ${name}\n  ${error?.message ?? JSON.stringify(error)}${error?.cause ? ` (${error.cause.message})` : ''}`);
    } finally {
      clearTimeout(timer);
    }
  }
  console.log(`${title}: ${entries.length - failed} passed, ${failed} failed`);
  return failed;
}
