// The checks of graphql-sse: what its client sees in both modes, what the
// protocol says of each request, and what a browser's EventSource does.
import { EventSource } from 'eventsource';
import { createClient } from 'graphql-sse';
import { assert, equal, collect, failing, post, until } from './controle.mjs';

const STREAM = 'text/event-stream';
const JSON_TYPE = 'application/json; charset=utf-8';
const TOKEN = 'x-graphql-event-stream-token';
const URQL = 'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';

/** The checks, each a name and a function, against the server at url. */
export function sseChecks(url) {
  const running = async () => (await post(url, '{ouverts}')).data.ouverts;
  const withClient = (options, work) => async () => {
    const c = createClient({ url, retryAttempts: 0, ...options });
    try {
      await work(c);
    } finally {
      c.dispose();
    }
  };
  const request = (method, { params = '', body, ...headers } = {}) =>
    fetch(`${url}?${params}`, {
      method,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      body: body && JSON.stringify(body),
    });
  /** Checks a refusal: its status, and its error in JSON. */
  async function refused(response, status, code) {
    equal([response.status, response.headers.get('content-type')], [status, JSON_TYPE]);
    const { errors } = await response.json();
    equal(errors[0].extensions.code, code);
  }
  /** The events of a whole stream, each a list of lines. */
  async function events(response) {
    equal([response.status, response.headers.get('content-type')], [200, `${STREAM}; charset=utf-8`]);
    return (await response.text()).split('\n\n').filter((block) => block && !block.startsWith(':')).map((block) => block.split('\n'));
  }
  async function reserve(headers = {}) {
    const response = await request('PUT', headers);
    equal([response.status, response.headers.get('content-type')], [201, 'text/plain; charset=utf-8']);
    return response.text();
  }
  /** Opens a stream; the function returned closes it. */
  async function open(token, headers = {}) {
    const control = new AbortController();
    const response = await fetch(`${url}?token=${token}`, { headers: { accept: STREAM, ...headers }, signal: control.signal });
    equal(response.status, 200);
    const reader = response.body.getReader();
    let text = '';
    return {
      close: () => control.abort(),
      /** Reads until what was received contains a text. */
      until: async (wanted) => {
        while (!text.includes(wanted)) {
          const { done, value } = await reader.read();
          assert(!done, `the stream ended without ${wanted}, after ${text}`);
          text += new TextDecoder().decode(value);
        }
        return text;
      },
    };
  }
  const operate = (token, query, operationId, headers = {}) =>
    request('POST', { body: { query, extensions: { operationId } }, [TOKEN]: token, ...headers });

  const checks = {};

  // The client of graphql-sse: both modes must look the same.
  for (const singleConnection of [false, true]) {
    const mode = singleConnection ? 'single connection' : 'distinct connections';
    Object.assign(checks, {
      [`${mode}: a query`]: withClient({ singleConnection }, async (c) => equal(await collect(c.iterate({ query: '{n}' })), [{ data: { n: 1 } }])),
      [`${mode}: a mutation`]: withClient({ singleConnection }, async (c) =>
        equal(await collect(c.iterate({ query: 'mutation{ajoute}' })), [{ data: { ajoute: 1 } }])),
      [`${mode}: a subscription, to its end`]: withClient({ singleConnection }, async (c) => {
        const got = await collect(c.iterate({ query: 'subscription S($n:Int!){compte(jusqua:$n)}', operationName: 'S', variables: { n: 5 } }));
        equal(got.map((r) => r.data.compte), [1, 2, 3, 4, 5]);
      }),
      [`${mode}: twenty subscriptions at once`]: withClient({ singleConnection }, async (c) => {
        const all = await Promise.all(Array.from({ length: 20 }, () => collect(c.iterate({ query: 'subscription{compte(jusqua:20)}' }))));
        for (const got of all) equal(got.map((r) => r.data.compte), Array.from({ length: 20 }, (_, i) => i + 1));
      }),
      [`${mode}: a subscription that does not start`]: withClient({ singleConnection }, async (c) => {
        const got = await collect(c.iterate({ query: 'subscription{panne}' }));
        equal(got.map((r) => r.errors[0].extensions.code), ['INDISPONIBLE']);
      }),
      [`${mode}: a panic is masked, after what was sent`]: withClient({ singleConnection }, async (c) => {
        const got = await collect(c.iterate({ query: 'subscription{casse}' }));
        equal(got, [{ data: { casse: 1 } }, { errors: [{ message: 'erreur interne', extensions: { code: 'INTERNE' } }] }]);
      }),
      [`${mode}: what it stops ends on the server`]: withClient({ singleConnection, lazyCloseTimeout: 5000 }, async (c) => {
        const all = Array.from({ length: 4 }, () => c.iterate({ query: 'subscription{sansFin}' }));
        for (const one of all) equal((await one.next()).value, { data: { sansFin: 1 } });
        const before = await running();
        assert(before >= 4, `${before} run`);
        for (const one of all) await one.return();
        await until(async () => (await running()) <= before - 4);
      }),
      [`${mode}: a client disposed of ends on the server`]: async () => {
        const c = createClient({ url, singleConnection, retryAttempts: 0 });
        const one = c.iterate({ query: 'subscription{sansFin}' });
        await one.next();
        const before = await running();
        c.dispose();
        await until(async () => (await running()) < before);
      },
      [`${mode}: a query has its time, a subscription its own`]: withClient({ singleConnection }, async (c) => {
        const long = c.iterate({ query: 'subscription{sansFin}' });
        await long.next();
        equal((await collect(c.iterate({ query: '{attend}' })))[0].errors[0].extensions.code, 'DELAI_DEPASSE');
        equal((await c.iterate({ query: 'subscription{lent{n}}' }).next()).value.errors[0].extensions.code, 'DELAI_DEPASSE');
        assert((await running()) >= 1, 'the subscription ended');
        await long.return();
      }),
    });
  }

  Object.assign(checks, {
    'distinct connections: a refused query is an event': withClient({}, async (c) => {
      const got = await collect(c.iterate({ query: '{inconnu}' }));
      equal(got.map((r) => [r.data, r.errors[0].extensions.code]), [[undefined, 'ARGUMENT_INVALIDE']]);
    }),
    'single connection: a refused query is a 400': withClient({ singleConnection: true }, async (c) => {
      const error = await failing(collect(c.iterate({ query: '{inconnu}' })));
      equal(error.response.status, 400);
    }),
    'single: a refused query is a 400 in French, with its code': async () =>
      refused(await operate(await reserve(), '{inconnu}', '1'), 400, 'ARGUMENT_INVALIDE'),
    'single connection: one stream serves them all': async () => {
      let puts = 0;
      let gets = 0;
      const counted = (input, init) => {
        if (init.method === 'PUT') puts++;
        if (init.method === 'GET') gets++;
        return fetch(input, init);
      };
      await withClient({ singleConnection: true, lazyCloseTimeout: 5000, fetchFn: counted }, async (c) => {
        for (let i = 0; i < 5; i++) await collect(c.iterate({ query: '{n}' }));
      })();
      equal([puts, gets], [1, 1]);
    },

    // EventSource, as a browser has it.
    'EventSource: it reads a stream and resumes after its last event': async () => {
      const received = [];
      const asked = [];
      let completed = 0;
      const source = new EventSource(`${url}?query=${encodeURIComponent('subscription{compte(jusqua:3)}')}`, {
        fetch: (input, init) => {
          asked.push(init.headers['Last-Event-ID']);
          return fetch(input, init);
        },
      });
      try {
        source.addEventListener('next', (event) => received.push([event.lastEventId, JSON.parse(event.data).data.compte]));
        source.addEventListener('complete', () => completed++);
        await until(() => completed === 2); // it reconnects by itself when the stream ends
        equal(received, [['1', 1], ['2', 2], ['3', 3]]);
        equal(asked, [undefined, '3']);
      } finally {
        source.close();
      }
    },

    // Distinct connections, request by request.
    'stream: POST': async () =>
      equal(await events(await request('POST', { accept: STREAM, body: { query: '{n}' } })), [
        ['event: next', 'data: {"data":{"n":1}}'],
        ['event: complete', 'data: '],
      ]),
    'stream: GET, with ids': async () =>
      equal(await events(await request('GET', { accept: STREAM, params: `query=${encodeURIComponent('subscription{compte(jusqua:1)}')}` })), [
        ['event: next', 'id: 1', 'data: {"data":{"compte":1},"extensions":{"evenement":"1"}}'],
        ['event: complete', 'data: '],
      ]),
    'stream: it is not cached': async () => equal((await request('POST', { accept: STREAM, body: { query: '{n}' } })).headers.get('cache-control'), 'no-cache'),
    'stream: it begins and is kept alive with comments': async () => {
      const s = await open(await reserve());
      await s.until(':\n\n:\n\n:\n\n');
      s.close();
    },
    'stream: a mutation by GET is 405': async () => refused(await request('GET', { accept: STREAM, params: 'query=mutation{ajoute}' }), 405, 'ARGUMENT_INVALIDE'),
    'stream: no query is 400': async () => refused(await request('GET', { accept: STREAM }), 400, 'ARGUMENT_INVALIDE'),
    'stream: a text is 415': async () =>
      refused(await request('POST', { accept: STREAM, body: { query: '{n}' }, 'content-type': 'text/plain' }), 415, 'ARGUMENT_INVALIDE'),
    'stream: a query too complex is an event': async () => {
      const query = `{${Array.from({ length: 31 }, (_, i) => `a${i}:n`).join(' ')}}`;
      const [[kind, data]] = await events(await request('POST', { accept: STREAM, body: { query } }));
      equal(kind, 'event: next');
      assert(data.includes('TROP_COMPLEXE'), data);
    },

    // What is not a stream.
    'accept: urql gets JSON for a query': async () => {
      const response = await request('POST', { accept: URQL, body: { query: '{n}' } });
      equal(response.headers.get('content-type'), 'application/graphql-response+json; charset=utf-8');
      equal(await response.json(), { data: { n: 1 } });
    },
    'accept: urql gets a stream for a subscription': async () =>
      equal((await events(await request('POST', { accept: URQL, body: { query: 'subscription{compte(jusqua:2)}' } }))).length, 3),
    'accept: anything gets JSON': async () => equal((await request('POST', { accept: '*/*', body: { query: '{n}' } })).headers.get('content-type'), JSON_TYPE),
    'accept: a subscription in plain JSON is refused at once': async () => {
      for (const method of ['GET', 'POST']) {
        const options = method === 'GET' ? { params: 'query=subscription{sansFin}' } : { body: { query: 'subscription{sansFin}' } };
        const { errors } = await (await request(method, { accept: 'application/json', ...options })).json();
        assert(errors[0].message.startsWith('un abonnement ne se suit pas par une simple requête HTTP'), errors[0].message);
      }
    },

    // A single connection, request by request.
    'single: the token may be in the header': async () => {
      const token = await reserve();
      const response = await request('GET', { accept: STREAM, [TOKEN]: token });
      equal(response.status, 200);
      await response.body.cancel();
    },
    'single: an operation may precede the stream': async () => {
      const token = await reserve();
      const response = await operate(token, '{n}', '1');
      equal([response.status, await response.text()], [202, '']);
      const s = await open(token);
      await s.until('event: next\ndata: {"id":"1","payload":{"data":{"n":1}}}\n\nevent: complete\ndata: {"id":"1"}\n\n');
      s.close();
    },
    'single: DELETE stops an operation, and nothing follows': async () => {
      const token = await reserve();
      const s = await open(token);
      equal((await operate(token, 'subscription{sansFin}', 'a')).status, 202);
      await s.until('"id":"a"');
      const response = await request('DELETE', { params: 'operationId=a', [TOKEN]: token });
      equal([response.status, await response.text()], [200, '']);
      await operate(token, '{n}', 'b');
      const text = await s.until('event: complete');
      assert(text.endsWith('event: complete\ndata: {"id":"b"}\n\n'), text);
      s.close();
    },
    'single: a stream opens once': async () => {
      const token = await reserve();
      const s = await open(token);
      await refused(await request('GET', { accept: STREAM, [TOKEN]: token }), 409, 'CONFLIT');
      s.close();
    },
    'single: a stream that ended is gone': async () => {
      const token = await reserve();
      (await open(token)).close();
      await until(async () => (await operate(token, '{n}', `${Math.random()}`)).status === 404);
    },
    'single: an operationId in use is 409': async () => {
      const token = await reserve();
      await operate(token, 'subscription{sansFin}', 'a');
      await refused(await operate(token, '{n}', 'a'), 409, 'CONFLIT');
    },
    'single: no operationId is 400': async () =>
      refused(await request('POST', { body: { query: '{n}' }, [TOKEN]: await reserve() }), 400, 'ARGUMENT_INVALIDE'),
    'single: DELETE without operationId is 400': async () => refused(await request('DELETE', { [TOKEN]: await reserve() }), 400, 'ARGUMENT_INVALIDE'),
    'single: an unknown token is 404': async () => {
      await refused(await operate('inconnu', '{n}', '1'), 404, 'INTROUVABLE');
      await refused(await request('GET', { accept: STREAM, [TOKEN]: 'inconnu' }), 404, 'INTROUVABLE');
      await refused(await request('DELETE', { params: 'operationId=1', [TOKEN]: 'inconnu' }), 404, 'INTROUVABLE');
    },
    'single: another identity is 403': async () => {
      const token = await reserve({ authorization: 'Bearer a' });
      for (const headers of [{}, { authorization: 'Bearer b' }]) {
        await refused(await operate(token, '{n}', '1', headers), 403, 'INTERDIT');
        await refused(await request('GET', { accept: STREAM, [TOKEN]: token, ...headers }), 403, 'INTERDIT');
        await refused(await request('DELETE', { params: 'operationId=1', [TOKEN]: token, ...headers }), 403, 'INTERDIT');
      }
      (await open(token, { authorization: 'Bearer a' })).close();
    },
    'single: a reservation that is not used expires': async () => {
      const token = await reserve();
      await until(async () => (await request('DELETE', { params: 'operationId=1', [TOKEN]: token })).status === 404);
    },
  });
  return checks;
}
