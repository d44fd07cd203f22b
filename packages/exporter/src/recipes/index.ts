export {
  RECIPES,
  type Recipe,
  type RecipeModelOptions,
  type RecipeName,
  type RecipeOptions,
  recipeLayers,
  recipeModel,
} from './recipes.js';
