// A query and a subscription through a reference client: prints each result as a line of JSON, and ends at the subscription's first.
import WebSocket from 'ws';
import { createClient as overSocket } from 'graphql-ws';
import { createClient as overEvents } from 'graphql-sse';

const [over, origin, cookie, query, subscription] = process.argv.slice(2);

class Signed extends WebSocket {
  constructor(address, protocols) { super(address, protocols, { headers: { cookie } }); }
}

const client = over === 'socket'
  ? overSocket({ url: origin.replace('http', 'ws') + '/graphql', webSocketImpl: Signed, retryAttempts: 0 })
  : overEvents({ url: origin + '/graphql', headers: { cookie }, retryAttempts: 0 });

for await (const result of client.iterate({ query })) console.log(JSON.stringify(result));
for await (const result of client.iterate({ query: subscription })) {
  console.log(JSON.stringify(result));
  break;
}
client.dispose();
process.exit(0);
