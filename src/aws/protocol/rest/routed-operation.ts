import type { ProtocolCodec } from '../protocol-codec.ts';
import { parsePairs } from '../query/parse-form.ts';
import { fullPath } from './read-request.ts';
import { findRoute, type Route, routeOf } from './routes.ts';

/** Finds operations by method, path and query. The routes of a service are made once, when it is first asked. */
export function routedOperation(): ProtocolCodec['operationOf'] {
  let routes: Route[] | undefined;
  return (incoming, _service, operations) => {
    routes ??= operations().map(routeOf);
    const query = new Map(parsePairs(incoming.wire.query));
    return findRoute(routes, { method: incoming.wire.method, path: fullPath(incoming), query })?.operation;
  };
}
