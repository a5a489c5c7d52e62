"""Core ML's NeuralNetwork, classifier and regressor: layers read into nodes."""
