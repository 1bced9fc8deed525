// Typed documents: `graphql(...)` checks a document and its variables against the schema.

import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.d.ts';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; Date: string; Decimal: string };
}>();

export { readFragment } from 'gql.tada';
export type { FragmentOf, ResultOf, TadaDocumentNode, VariablesOf } from 'gql.tada';

type Types = introspection['types'];
/** The values of an enum of the schema. */
export type Enum<Name extends keyof Types> = Types[Name] extends { enumValues: infer Values } ? Values : never;

/** The types that implement an interface of the schema. */
export type TypeOf<Name extends keyof Types> = Types[Name] extends { possibleTypes: infer Names extends string } ? Names : never;

export type WorkKind = Enum<'WorkKind'>;
export type Permission = Enum<'Permission'>;
export type UserStatus = Enum<'UserStatus'>;
export type UserErrorCode = Enum<'UserErrorCode'>;
