import { type Enum, type ResultOf, graphql } from '../../graphql';
import type { UserError } from '../../lib/errors';

export const CrmRolesDocument = graphql(`
  query CrmRoles {
    crmRoles {
      id
      name
      audience
      revision
      rules {
        kind
        operation
        level
      }
      members {
        id
        name
        status
      }
      departments {
        id
        name
      }
    }
  }
`);

export const SetCrmRole = graphql(`
  mutation SetCrmRole($input: SetCrmRoleInput!) {
    setCrmRole(input: $input) {
      role {
        id
        name
        audience
        revision
        rules {
          kind
          operation
          level
        }
        members {
          id
          name
          status
        }
        departments {
          id
          name
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export type CrmRole = ResultOf<typeof CrmRolesDocument>['crmRoles'][number];
export type Audience = CrmRole['audience'];

/** Whether somebody else has changed what was to be changed. */
export const hasChanged = ({ refusals }: { refusals: UserError[] }): boolean =>
  refusals.some(({ code }) => code === 'CHANGED_MEANWHILE');

/** What the mutation takes of a role to leave it as it was read. */
export const asRead = ({ id, name, rules, revision }: CrmRole) => ({
  roleId: id,
  name,
  rules: rulesOf(matrixOf(rules)),
  expectedRevision: revision,
});

export type Kind = Enum<'CrmKind'>;
export type Operation = Enum<'CrmOperation'>;
export type Level = Enum<'CrmLevel'>;
export type Rule = { kind: Kind; operation: Operation; level: Level };

export const KINDS = ['LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE'] as const satisfies readonly Kind[];
export const OPERATIONS = ['READ', 'ADD', 'UPDATE', 'DELETE', 'EXPORT', 'IMPORT'] as const satisfies readonly Operation[];
/** From the least to the most. */
export const LEVELS = ['NONE', 'OWN', 'DEPARTMENT', 'DEPARTMENT_TREE', 'OPEN', 'ALL'] as const satisfies readonly Level[];

export type Cell = `${Kind} ${Operation}`;
export type Matrix = Readonly<Partial<Record<Cell, Level>>>;

export const cellOf = (kind: Kind, operation: Operation): Cell => `${kind} ${operation}`;
export const CELLS = KINDS.flatMap((kind) => OPERATIONS.map((operation) => ({ kind, operation })));

export const matrixOf = (rules: readonly Rule[]): Matrix =>
  Object.fromEntries(rules.map(({ kind, operation, level }) => [cellOf(kind, operation), level]));

export const levelIn = (matrix: Matrix, kind: Kind, operation: Operation): Level =>
  matrix[cellOf(kind, operation)] ?? 'NONE';

/** All rules; what is not listed has no access. */
export const rulesOf = (matrix: Matrix): Rule[] =>
  CELLS.map(({ kind, operation }) => ({ kind, operation, level: levelIn(matrix, kind, operation) })).filter(
    ({ level }) => level !== 'NONE',
  );

/** The cells of `changes` that differ from what is saved. */
export const differing = (saved: Matrix, changes: Matrix): Matrix =>
  Object.fromEntries(
    CELLS.filter(({ kind, operation }) => {
      const next = changes[cellOf(kind, operation)];
      return next !== undefined && next !== levelIn(saved, kind, operation);
    }).map(({ kind, operation }) => [cellOf(kind, operation), changes[cellOf(kind, operation)]]),
  );
