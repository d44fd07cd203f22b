export { type TrainedRecipe, type TrainLog, type TrainRecipeOptions, trainRecipe } from './train-recipe.js';
