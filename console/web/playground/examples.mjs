// What the page begins with. Each is checked against the schema by a test.

export const examples = [
  {
    title: 'Who has left',
    query: `# Who has left, and still holds open work? Sign in above, then press the arrow.
query Dismissed {
  users(filter: { dismissed: true, holdsWork: true }, first: 20) {
    totalCount
    nodes {
      id
      name
      position
      dismissal { effectiveAt reason requestedBy { name } }
      work { total lines { kind open closed } }
    }
  }
}`,
  },
  {
    title: 'Preview',
    query: `# What would go where? Nothing is written. Keep the revision for the dismissal.
query Preview($input: BulkReassignInput!) {
  handoverPlan(input: $input) {
    revision
    total
    lines { kind recipient { name } movable leftClosed unreachable }
    userErrors { code field message }
  }
}`,
    variables: { input: { fromUserId: 'user_…', moves: [{ kind: 'TASK_RESPONSIBLE', to: { headOfDepartment: true } }] } },
  },
  {
    title: 'Dismiss',
    query: `# When the answer is there, the person is locked out.
mutation Dismiss($input: DismissUserInput!) {
  dismissUser(input: $input) {
    user { name status }
    handover { id state total }
    userErrors { code field message }
  }
}`,
    variables: {
      input: {
        userId: 'user_…',
        reason: 'Moved to the sea',
        handover: [{ kind: 'TASK_RESPONSIBLE', to: { headOfDepartment: true } }],
      },
    },
  },
  {
    title: 'Progress',
    query: `# A handover as it goes on, until it is over.
subscription Progress($id: ID!) {
  handoverProgress(id: $id) { state progress total moved skipped failed }
}`,
    variables: { id: 'handover_…' },
  },
  {
    title: 'Hire back',
    query: `# The same account, the same credentials, and the work that nobody has touched since.
mutation Hire($input: HireUserInput!) {
  hireUser(input: $input) {
    user { name status }
    handover { id }
    userErrors { code field message }
  }
}`,
    variables: { input: { userId: 'user_…', returnWork: true } },
  },
  {
    title: 'Reassign',
    query: `# Hands work over without dismissing anyone.
mutation Reassign($input: BulkReassignInput!) {
  bulkReassign(input: $input) {
    handover { id state }
    userErrors { code field message }
  }
}`,
    variables: {
      input: { fromUserId: 'user_…', moves: [{ kind: 'CRM_DEAL', to: { userId: 'user_…' }, includeClosed: false }] },
    },
  },
];
