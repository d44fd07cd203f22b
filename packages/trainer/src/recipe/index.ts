export { chooseLoss, LOSSES, type LossName } from './choose-loss.js';
export { type TrainedNetwork, type TrainLog, type TrainNetworkOptions, trainNetwork } from './train-network.js';
export {
  type RecipeChoice,
  recipeNetwork,
  recipeOf,
  type TrainedRecipe,
  type TrainRecipeOptions,
  trainRecipe,
} from './train-recipe.js';
