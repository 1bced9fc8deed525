// Tasks and CRM.

export { default as Activities } from '../pages/Activities';
export { default as Crm } from '../pages/Crm';
export { default as CrmRecord } from '../pages/CrmRecord';
export { default as RecurringTasks } from '../pages/RecurringTasks';
export { default as Tasks } from '../pages/Tasks';
