// People, departments, the audit log and one's own account: what is usually opened together is loaded together.

export { default as Audit } from '../pages/Audit';
export { default as Departments } from '../pages/Departments';
export { default as Dismissals } from '../pages/Dismissals';
export { default as Invite } from '../pages/Invite';
export { default as Me } from '../pages/Me';
export { default as People } from '../pages/People';
export { default as Person } from '../pages/Person';
export { default as Security } from '../pages/Security';
