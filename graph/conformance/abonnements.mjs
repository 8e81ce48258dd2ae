// Checks the transports of subscriptions. The first address is that of
// serveur, whose schema the checks know; the second, optional, that of the real
// server, where only what needs no schema is checked.
import { createClient as createSSE } from 'graphql-sse';
import { createClient as createWebSocket } from 'graphql-ws';
import WebSocket from 'ws';
import { collect, equal, run } from './controle.mjs';
import { sseChecks } from './sse.mjs';
import { websocketChecks } from './websocket.mjs';

const [url, real] = process.argv.slice(2);
if (!url) {
  console.error('usage: node abonnements.mjs URL [URL]');
  process.exit(2);
}
const answer = [{ data: { __typename: 'Query' } }];
const suites = [
  run('graphql-transport-ws', websocketChecks(url)),
  run('graphql-sse', sseChecks(url)),
];
if (real) {
  suites.push(run('real server', {
    'graphql-ws': async () => {
      const client = createWebSocket({ url: real.replace(/^http/, 'ws'), webSocketImpl: WebSocket });
      equal(await collect(client.iterate({ query: '{__typename}' })), answer);
      await client.dispose();
    },
    'graphql-sse, distinct connections': async () => equal(await collect(createSSE({ url: real }).iterate({ query: '{__typename}' })), answer),
    'graphql-sse, single connection': async () =>
      equal(await collect(createSSE({ url: real, singleConnection: true }).iterate({ query: '{__typename}' })), answer),
  }));
}
const failed = (await Promise.all(suites)).reduce((sum, n) => sum + n, 0);
process.exit(failed === 0 ? 0 : 1);
