// Checks the transports of subscriptions. The first address is that of
// serveur, whose schema the checks know; the second, optional, that of the real
// server, where what needs no schema is checked; with a token of its ADMIN, that
// what is written is told as well.
import { createClient as createSSE } from 'graphql-sse';
import { createClient as createWebSocket } from 'graphql-ws';
import WebSocket from 'ws';
import { assert, collect, equal, post, run } from './controle.mjs';
import { sseChecks } from './sse.mjs';
import { websocketChecks } from './websocket.mjs';

const [url, real, token] = process.argv.slice(2);
if (!url) {
  console.error('usage: node abonnements.mjs URL [URL [TOKEN]]');
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
if (token) {
  const headers = { Authorization: `Bearer ${token}` };
  const own = () => ({ ...headers }); // the client writes in it
  /** What a subscription tells of a usage, corrected until it does; twice, the second time from where the first ended. */
  const follows = async (client) => {
    const { data } = await post(real, '{ usages(first: 1) { nodes { id postes } } }');
    const { id } = data.usages.nodes[0];
    let depuis = null;
    let postes = 0;
    for (let round = 0; round < 2; round++) {
      const events = client.iterate({
        query: 'subscription ($depuis: ID) { usagesModifies(depuis: $depuis) { id usageId usage { postes } modification { operation } } }',
        variables: { depuis },
      });
      let told;
      const first = events.next().then(({ value }) => (told = value.data.usagesModifies));
      while (!told) {
        const read = await post(real, `{ node(id: "${id}") { ... on Usage { revision postes } } }`);
        postes = (read.data.node.postes ?? 0) + 1;
        const written = await post(real, `mutation { corrigerUsage(input: {id: "${id}", revision: ${read.data.node.revision}, postes: ${postes}}) { erreurs { code } } }`, headers);
        assert(written.data, JSON.stringify(written));
        await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 500))]);
      }
      await events.return();
      equal([told.usageId, told.modification.operation], [id, 'corrigerUsage']);
      assert(told.id && told.id !== depuis, 'the same event again');
      depuis = told.id;
    }
  };
  suites.push(run('real server, what is written', {
    'graphql-ws': async () => {
      const client = createWebSocket({ url: real.replace(/^http/, 'ws'), webSocketImpl: WebSocket, connectionParams: headers });
      await follows(client);
      await client.dispose();
    },
    'graphql-sse, distinct connections': () => follows(createSSE({ url: real, headers: own })),
    'graphql-sse, single connection': () => follows(createSSE({ url: real, headers: own, singleConnection: true })),
  }));
}
const failed = (await Promise.all(suites)).reduce((sum, n) => sum + n, 0);
process.exit(failed === 0 ? 0 : 1);
