// The checks of graphql-transport-ws: what the graphql-ws client sees, then
// what the protocol says of each message, with bare sockets.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { assert, equal, collect, failing, post, until } from './controle.mjs';

const PROTOCOL = 'graphql-transport-ws';

/** The checks, each a name and a function, against the server at url. */
export function websocketChecks(url) {
  const address = url.replace(/^http/, 'ws');
  const client = (options = {}) =>
    createClient({ url: address, webSocketImpl: WebSocket, retryAttempts: 0, onNonLazyError: () => {}, ...options });

  /** Runs work with a client, then disposes of it. */
  const withClient = (options, work) => async () => {
    const c = client(options);
    try {
      await work(c);
    } finally {
      await c.dispose();
    }
  };

  /** A bare socket whose messages and closing are kept. */
  async function open({ protocols = PROTOCOL, init = true, ...options } = {}) {
    const socket = new WebSocket(address, protocols, options);
    const messages = [];
    const waiting = [];
    const closed = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.type === 'ping' && bare.quiet) return;
      waiting.length ? waiting.shift()(message) : messages.push(message);
    });
    const bare = {
      socket,
      messages,
      closed,
      quiet: true, // pings of the server are not what most checks are about
      send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
      next: () => (messages.length ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve))),
      subscribe: (id, query) => bare.send({ id, type: 'subscribe', payload: { query } }),
    };
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    if (init) {
      bare.send({ type: 'connection_init' });
      equal(await bare.next(), { type: 'connection_ack' });
    }
    return bare;
  }

  /** Runs work with a bare socket, then closes it. */
  const withSocket = (options, work) => async () => {
    const bare = await open(options);
    try {
      await work(bare);
    } finally {
      bare.socket.terminate();
    }
  };

  /** Whatever was sent closes the socket, with nothing said before. */
  const closes = (code, reason, messages, options) =>
    withSocket(options, async (bare) => {
      for (const message of messages) bare.send(message);
      const got = await bare.closed;
      equal(got.code, code);
      assert(got.reason.includes(reason), `the reason is ${got.reason}`);
      equal(bare.messages, []);
    });

  const running = async () => (await post(url, '{ouverts}')).data.ouverts;
  const query = (q) => ({ id: '1', type: 'subscribe', payload: { query: q } });

  const checks = {
    // The client of graphql-ws.
    'client: a query': withClient({}, async (c) => equal(await collect(c.iterate({ query: '{n}' })), [{ data: { n: 1 } }])),
    'client: a mutation': withClient({}, async (c) => equal(await collect(c.iterate({ query: 'mutation{ajoute}' })), [{ data: { ajoute: 1 } }])),
    'client: a subscription, to its end': withClient({}, async (c) => {
      const got = await collect(c.iterate({ query: 'subscription S($n:Int!){compte(jusqua:$n)}', operationName: 'S', variables: { n: 5 } }));
      equal(got.map((r) => r.data.compte), [1, 2, 3, 4, 5]);
    }),
    'client: a refused query is an error in French, with its code': withClient({}, async (c) => {
      const errors = await failing(collect(c.iterate({ query: '{inconnu}' })));
      assert(errors[0].message.includes("n'existe pas") || errors[0].message.includes("n'a pas de champ"), errors[0].message);
      equal(errors[0].extensions.code, 'ARGUMENT_INVALIDE');
    }),
    'client: a subscription that does not start is an error': withClient({}, async (c) =>
      equal((await failing(collect(c.iterate({ query: 'subscription{panne}' }))))[0].extensions.code, 'INDISPONIBLE')),
    'client: a panic is masked, after what was sent': withClient({}, async (c) => {
      const got = [];
      const errors = await failing(collect(c.iterate({ query: 'subscription{casse}' }), got));
      equal(got, [{ data: { casse: 1 } }]);
      equal(errors[0], { message: 'erreur interne', extensions: { code: 'INTERNE' } });
    }),
    'client: a hundred subscriptions share a socket': async () => {
      let opened = 0;
      await withClient({ on: { opened: () => opened++ } }, async (c) => {
        const all = await Promise.all(Array.from({ length: 100 }, () => collect(c.iterate({ query: 'subscription{compte(jusqua:20)}' }))));
        for (const got of all) equal(got.map((r) => r.data.compte), Array.from({ length: 20 }, (_, i) => i + 1));
      })();
      equal(opened, 1);
    },
    'client: an error leaves the others running': withClient({}, async (c) => {
      const long = c.iterate({ query: 'subscription{sansFin}' });
      equal((await long.next()).value, { data: { sansFin: 1 } });
      await failing(collect(c.iterate({ query: '{' })));
      equal(await collect(c.iterate({ query: '{n}' })), [{ data: { n: 1 } }]);
      await long.return();
    }),
    'client: what it stops ends on the server': withClient({ lazyCloseTimeout: 5000 }, async (c) => {
      const all = Array.from({ length: 10 }, () => c.iterate({ query: 'subscription{sansFin}' }));
      for (const one of all) await one.next();
      const before = await running();
      assert(before >= 10, `${before} run`);
      for (const one of all) await one.return();
      await until(async () => (await running()) <= before - 10);
    }),
    'client: a lost one ends on the server': async () => {
      const c = client();
      const one = c.iterate({ query: 'subscription{sansFin}' });
      await one.next();
      const before = await running();
      c.terminate();
      await failing(one.next());
      await until(async () => (await running()) < before);
    },
    'client: it reconnects and subscribes again': withClient({ retryAttempts: 3, retryWait: async () => {} }, async (c) => {
      const one = c.iterate({ query: 'subscription{sansFin}' });
      await one.next();
      c.terminate();
      equal((await one.next()).value, { data: { sansFin: 1 } });
      await one.return();
    }),
    'client: its pings are answered': async () => {
      let pongs = 0;
      await withClient({ lazy: false, keepAlive: 50, on: { pong: (received) => (pongs += received ? 1 : 0) } }, () => until(() => pongs >= 3))();
    },
    'client: the pings of the server keep it': async () => {
      let pings = 0;
      let closed = 0;
      await withClient({ lazy: false, on: { ping: (received) => (pings += received ? 1 : 0), closed: () => closed++ } }, async () => {
        await until(() => pings >= 3);
        equal(closed, 0);
      })();
    },
    'client: one that does not answer pings is closed': async () => {
      const event = await new Promise((resolve) => client({ lazy: false, disablePong: true, on: { closed: resolve } }));
      equal([event.code, event.reason], [4408, 'pas de réponse au ping']);
    },
    'client: an identity refused says why': async () => {
      const event = await failing(collect(client({ connectionParams: { Authorization: 'Bearer refuse' } }).iterate({ query: '{n}' })));
      equal([event.code, event.reason], [4403, 'ce jeton a été révoqué']);
    },
    'client: an identity that expires ends the socket': async () => {
      const one = client({ connectionParams: { Authorization: 'Bearer 300ms' } }).iterate({ query: 'subscription{sansFin}' });
      await one.next();
      const event = await failing(one.next());
      equal([event.code, event.reason], [4401, "l'identité présentée a expiré"]);
    },
    'client: a query has its time, a subscription its own': withClient({}, async (c) => {
      const long = c.iterate({ query: 'subscription{sansFin}' });
      await long.next();
      equal((await collect(c.iterate({ query: '{attend}' })))[0].errors[0].extensions.code, 'DELAI_DEPASSE');
      equal((await c.iterate({ query: 'subscription{lent{n}}' }).next()).value.errors[0].extensions.code, 'DELAI_DEPASSE');
      assert((await running()) >= 1, 'the subscription ended');
      await long.return();
    }),

    // The handshake.
    'subprotocol: none is 4406': closes(4406, 'Subprotocol not acceptable', [], { protocols: [], init: false }),
    'subprotocol: the one that is asked for is answered': withSocket({}, async (bare) => equal(bare.socket.protocol, PROTOCOL)),
    'subprotocol: it may be among others': withSocket({ protocols: ['graphql-ws', PROTOCOL] }, async (bare) => equal(bare.socket.protocol, PROTOCOL)),
    'subprotocol: an older one is not spoken': async () => {
      // A client leaves by itself when none of its own is chosen.
      await failing(open({ protocols: 'graphql-ws', init: false }));
    },
    'origin: another site is refused': async () => {
      const error = await failing(open({ origin: 'https://ailleurs.example' }));
      assert(error.message.includes('403'), error.message);
    },
    'origin: a site allowed is accepted': withSocket({ origin: 'https://mairie.example' }, async () => {}),
    'origin: our own pages are accepted': withSocket({ origin: url.replace(/\/[^/]*$/, '') }, async () => {}),

    // connection_init.
    'connection_init: late is 4408': closes(4408, 'Connection initialisation timeout', [], { init: false }),
    'connection_init: twice is 4429': closes(4429, 'Too many initialisation requests', [{ type: 'connection_init' }]),
    'connection_init: twice at once is 4429': withSocket({ init: false }, async (bare) => {
      bare.send({ type: 'connection_init' });
      bare.send({ type: 'connection_init' });
      equal((await bare.closed).code, 4429);
    }),
    'subscribe before it is 4401': closes(4401, 'Unauthorized', [query('{n}')], { init: false }),
    'ping before it is answered': withSocket({ init: false }, async (bare) => {
      bare.send({ type: 'ping' });
      equal(await bare.next(), { type: 'pong' });
    }),

    // The others.
    'ping: the payload comes back': withSocket({}, async (bare) => {
      bare.send({ type: 'ping', payload: { a: [1, null, 'é'] } });
      equal(await bare.next(), { type: 'pong', payload: { a: [1, null, 'é'] } });
    }),
    'pong: an unsolicited one is accepted': withSocket({}, async (bare) => {
      bare.send({ type: 'pong', payload: null });
      bare.send({ type: 'ping' });
      equal(await bare.next(), { type: 'pong' });
    }),
    'ping: the server asks': withSocket({}, async (bare) => {
      bare.quiet = false;
      equal(await bare.next(), { type: 'ping' });
    }),
    'next: then complete, for a query': withSocket({}, async (bare) => {
      bare.subscribe('1', '{n}');
      equal(await bare.next(), { id: '1', type: 'next', payload: { data: { n: 1 } } });
      equal(await bare.next(), { id: '1', type: 'complete' });
    }),
    'error: nothing follows': withSocket({}, async (bare) => {
      for (const q of ['{', '', '{inconnu}', 'subscription{panne}', 'subscription{__typename}', 'subscription{sansFin @skip(if:true)}']) {
        bare.subscribe('1', q);
        const { id, type, payload } = await bare.next();
        equal([id, type, Array.isArray(payload), typeof payload[0].message], ['1', 'error', true, 'string']);
        bare.send({ type: 'ping' });
        equal(await bare.next(), { type: 'pong' });
      }
    }),
    'complete: nothing follows': withSocket({}, async (bare) => {
      bare.subscribe('1', 'subscription{sansFin}');
      await bare.next();
      bare.send({ id: '1', type: 'complete' });
      bare.send({ type: 'ping' });
      equal(await bare.next(), { type: 'pong' });
    }),
    'complete: nothing is said of a query stopped': withSocket({}, async (bare) => {
      bare.subscribe('1', '{attend}');
      bare.send({ id: '1', type: 'complete' });
      bare.subscribe('2', '{attend}'); // ends after what the first would have said
      equal((await bare.next()).id, '2');
    }),
    'complete: an unknown id is ignored': withSocket({}, async (bare) => {
      bare.send({ id: 'jamais', type: 'complete' });
      bare.send({ type: 'ping' });
      equal(await bare.next(), { type: 'pong' });
    }),
    'id: a duplicate is 4409': closes(4409, 'Subscriber for é already exists', [
      { id: 'é', type: 'subscribe', payload: { query: '{attend}' } },
      { id: 'é', type: 'subscribe', payload: { query: '{n}' } },
    ]),
    'id: it serves again after complete': withSocket({}, async (bare) => {
      for (let i = 0; i < 50; i++) {
        bare.subscribe('1', '{n}');
        equal((await bare.next()).type, 'next');
        equal((await bare.next()).type, 'complete');
      }
    }),
    'id: it serves again after error': withSocket({}, async (bare) => {
      for (let i = 0; i < 50; i++) {
        bare.subscribe('1', '{inconnu}');
        equal((await bare.next()).type, 'error');
      }
    }),
    'id: it serves again once stopped': withSocket({}, async (bare) => {
      for (let i = 0; i < 50; i++) {
        bare.subscribe('1', 'subscription{sansFin}');
        equal((await bare.next()).type, 'next');
        bare.send({ id: '1', type: 'complete' });
      }
    }),
    'operations: the 101st at once is refused': withSocket({}, async (bare) => {
      for (let i = 0; i < 100; i++) bare.subscribe(`${i}`, 'subscription{sansFin}');
      for (let i = 0; i < 100; i++) equal((await bare.next()).type, 'next');
      bare.subscribe('100', '{n}');
      const { id, type, payload } = await bare.next();
      equal([id, type, payload[0].extensions.code], ['100', 'error', 'LIMITE_DEBIT']);
    }),
    'limits: a query too complex is refused': withSocket({}, async (bare) => {
      bare.subscribe('1', `{${Array.from({ length: 31 }, (_, i) => `a${i}:n`).join(' ')}}`);
      equal((await bare.next()).payload[0].extensions.code, 'TROP_COMPLEXE');
    }),
    'messages: too long is 1009': closes(1009, 'trop long', [{ type: 'ping', payload: { x: 'x'.repeat(256 * 1024) } }]),
    'messages: binary is 4400': withSocket({}, async (bare) => {
      bare.socket.send(Buffer.from('{"type":"ping"}'));
      equal((await bare.closed).code, 4400);
    }),
  };

  const invalid = [
    '', '{', 'null', '[]', '"ping"', '1', '{}',
    { type: null }, { type: 1 }, { type: 'inconnu' }, { type: 'connection_ack' },
    { type: 'next', id: '1', payload: {} }, { type: 'error', id: '1', payload: [] },
    { type: 'ping', payload: 1 }, { type: 'ping', payload: '' }, { type: 'pong', payload: [] },
    { type: 'complete' }, { type: 'complete', id: '' }, { type: 'complete', id: 1 },
    { type: 'subscribe', payload: { query: '{n}' } },
    { type: 'subscribe', id: '', payload: { query: '{n}' } },
    { type: 'subscribe', id: 1, payload: { query: '{n}' } },
    { type: 'subscribe', id: '1' }, { type: 'subscribe', id: '1', payload: null }, { type: 'subscribe', id: '1', payload: '{n}' },
    { type: 'subscribe', id: '1', payload: {} }, { type: 'subscribe', id: '1', payload: { query: null } },
    { type: 'subscribe', id: '1', payload: { query: 1 } }, { type: 'subscribe', id: '1', payload: { query: {} } },
    { type: 'subscribe', id: '1', payload: { query: '{n}', variables: [] } },
    { type: 'subscribe', id: '1', payload: { query: '{n}', variables: '{}' } },
    { type: 'subscribe', id: '1', payload: { query: '{n}', operationName: 1 } },
    { type: 'subscribe', id: '1', payload: { query: '{n}', extensions: 'a' } },
  ];
  for (const message of invalid) {
    checks[`messages: ${typeof message === 'string' ? message || 'nothing' : JSON.stringify(message)} is 4400`] = closes(4400, '', [message]);
  }
  for (const payload of [1, 'a', [], true]) {
    const message = { type: 'connection_init', payload };
    checks[`messages: ${JSON.stringify(message)} is 4400`] = closes(4400, '', [message], { init: false });
  }
  for (const payload of [undefined, null, {}, { authorization: 'Bearer 1h' }]) {
    checks[`connection_init: the payload ${JSON.stringify(payload)} is accepted`] = withSocket({ init: false }, async (bare) => {
      bare.send({ type: 'connection_init', payload });
      equal(await bare.next(), { type: 'connection_ack' });
    });
  }
  return checks;
}
