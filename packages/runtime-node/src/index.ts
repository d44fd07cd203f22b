export { NODE_BACKENDS, type NodeBackendId } from './backend-table.js';
export { type InstallOptions, installNodeCuda } from './cuda.js';
export { createNodeBackends, type NodeBackendOptions, nodeBackend, openInProcess } from './node-backend.js';
export { findSoftwareVulkan, type SoftwareVulkan } from './software-vulkan.js';
