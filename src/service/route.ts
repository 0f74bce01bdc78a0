import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { noBody, nothing } from './schemas.js';

/** What a route is given, validated. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly reply: FastifyReply;
}

/** As it comes from outside. */
export type RawAsked = Asked<unknown, unknown, unknown>;

export interface Answer {
  readonly description: string;
  /** Of its JSON; null for text. */
  readonly schema: z.ZodType | null;
  readonly mediaType?: string;
}

/** What a route says about itself, of which the OpenAPI document is made. */
export interface RouteDescription {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `/sidecars/{name}`. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  /** By status. Those that every route may give, such as 400, are not among them. */
  readonly answers: Readonly<Record<number, Answer>>;
}

export interface Route extends RouteDescription {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  /** @returns what is sent as JSON; what it throws is told as a problem */
  readonly handle: (asked: RawAsked) => unknown;
}

interface Handling<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly handle: (asked: Asked<z.output<Params>, z.output<Query>, z.output<Body>>) => unknown;
}

/** For those that take neither. */
export const takesNothing = { params: nothing, query: nothing, body: noBody };

/** A route whose handler gets what its schemas make of the request. */
export function route<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  description: RouteDescription,
  { params, query, body, handle }: Handling<Params, Query, Body>,
): Route {
  return {
    ...description,
    params,
    query,
    body,
    handle: (asked) =>
      handle({
        params: params.parse(asked.params),
        query: query.parse(asked.query),
        body: body.parse(asked.body),
        reply: asked.reply,
      }),
  };
}
