import { type ResultOf, graphql } from '../../graphql';

export const TemplateParts = graphql(`
  fragment TemplateParts on TaskTemplate @_unmask {
    __typename
    id
    title
    recurrence
    startsAt
    nextRunAt
    stalled
    creator {
      id
      name
      status
    }
    responsible {
      id
      name
      status
    }
    participants {
      id
      name
    }
    observers {
      id
      name
    }
  }
`);

export type Template = ResultOf<typeof TemplateParts>;

export const TemplatesDocument = graphql(`
  query Templates($filter: TaskTemplateFilter!, $first: Int!, $after: String) {
    taskTemplates(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        title
        recurrence
        nextRunAt
        stalled
        creator {
          id
          name
          status
        }
        responsible {
          id
          name
          status
        }
      }
    }
  }
`);

export const TemplateDocument = graphql(
  `
    query Template($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on TaskTemplate {
          ...TemplateParts
        }
      }
    }
  `,
  [TemplateParts],
);

export const CreateTemplate = graphql(
  `
    mutation CreateTemplate($input: CreateTaskTemplateInput!) {
      createTaskTemplate(input: $input) {
        template {
          ...TemplateParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [TemplateParts],
);

export const UpdateTemplate = graphql(
  `
    mutation UpdateTemplate($input: UpdateTaskTemplateInput!) {
      updateTaskTemplate(input: $input) {
        template {
          ...TemplateParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [TemplateParts],
);
