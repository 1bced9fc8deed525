import { type ResultOf, graphql } from '../../graphql';

export const TaskParts = graphql(`
  fragment TaskParts on Task @_unmask {
    __typename
    id
    title
    status
    statusText
    deadline
    createdAt
    updatedAt
    externalId
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

export type Task = ResultOf<typeof TaskParts>;

export const TasksDocument = graphql(`
  query Tasks($filter: TaskFilter!, $first: Int!, $after: String) {
    tasks(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        title
        status
        statusText
        deadline
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

export const TaskDocument = graphql(
  `
    query Task($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Task {
          ...TaskParts
        }
      }
    }
  `,
  [TaskParts],
);

export const CreateTask = graphql(
  `
    mutation CreateTask($input: CreateTaskInput!) {
      createTask(input: $input) {
        task {
          ...TaskParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [TaskParts],
);

export const UpdateTask = graphql(
  `
    mutation UpdateTask($input: UpdateTaskInput!) {
      updateTask(input: $input) {
        task {
          ...TaskParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [TaskParts],
);
