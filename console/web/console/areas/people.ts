// People and departments: what is usually opened together is loaded together.

export { default as Departments } from '../pages/Departments';
export { default as Dismissals } from '../pages/Dismissals';
export { default as Invite } from '../pages/Invite';
export { default as People } from '../pages/People';
export { default as Person } from '../pages/Person';
