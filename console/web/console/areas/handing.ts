// Dismissing, hiring back, and handing work over.

export { default as Dismiss } from '../pages/Dismiss';
export { default as DismissSeveral } from '../pages/DismissSeveral';
export { default as HandOverWork } from '../pages/HandOverWork';
export { default as HandoverDetails } from '../pages/HandoverDetails';
export { default as Handovers } from '../pages/Handovers';
export { default as Hire } from '../pages/Hire';
