export { byFiringRate, type NeuronOrder, reorderNeurons } from './reorder-neurons.js';
