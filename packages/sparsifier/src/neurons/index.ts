export { byCoActivation } from './co-activation.js';
export { type OrderedLayers, orderLayers } from './order-layers.js';
export { byFiringRate, livingNeurons, type NeuronOrder, reorderNeurons } from './reorder-neurons.js';
export { unreadNeurons } from './unread-neurons.js';
