"""Why the costs of a rule and of the function body differ, by operator."""

EXPLAINED = {
    "AffineGrid": "the body puts the coordinates into homogeneous form and multiplies matrices, one column of which is 1; the rule counts the products and sums of a coordinate, as other float operations since no weight is multiplied.",
    "Attention": "the body scales Q and K by the root of the scale and always adds a mask, of zeros if there is none, which it makes by comparisons; the rule scales the products once and counts a mask only where there is one.",
    "Bernoulli": "the body's RandomUniformLike stretches its numbers to a range, which here is 0 to 1; the rule counts the comparison with the probability.",
    "BlackmanWindow": "the body also computes the step between samples and multiplies by it apart; the rule counts the terms of the formula.",
    "CausalConvWithState": "the body computes the sizes of its padding with integers; the work on tensors is the same.",
    "Celu": "up to version 12 the body uses Elu, one comparison; the rule counts the two of the formula max(0, x) + min(0, alpha*(exp(x/alpha) - 1)).",
    "DepthToSpace": "the body computes the sizes for its Reshapes with integers; the rule moves data only.",
    "FlexAttention": "the body scales and repeats heads as separate steps; the products of matrices and the softmax are the same.",
    "Gelu": "the body computes a constant of its formula at run time.",
    "GreaterOrEqual": "the body is Greater, Equal and Or; the rule compares once.",
    "GroupNormalization": "the body computes the variance as the mean of squares less the square of the mean, two flops a group more; the rule takes the mean of squared differences.",
    "HammingWindow": "its body is the one of all cosine windows, with a second cosine whose factor is 0; the rule counts the one that the formula has.",
    "HannWindow": "its body is the one of all cosine windows, with a second cosine whose factor is 0; the rule counts the one that the formula has.",
    "LayerNormalization": "the body computes the variance as the mean of squares less the square of the mean, two flops a row more; the rule takes the mean of squared differences.",
    "LessOrEqual": "the body is Less, Equal and Or; the rule compares once.",
    "LinearAttention": "the body adds the outer product of key and value to the state in a step of its own; the rule counts that sum in the multiply-accumulate.",
    "MeanVarianceNormalization": "the body squares by Pow, which the columns take for a transcendental call; the rule counts products.",
    "NegativeLogLikelihoodLoss": "with ignore_index the body masks the index and the weights by arithmetic on integers; the rule counts the comparison.",
    "RMSNormalization": "the body squares, averages and divides by the root; the rule counts the root's reciprocal once a row and a product for each element.",
    "Range": "the body is a Loop that is not computed before the run; the rule knows that constants give a constant.",
    "Selu": "the body computes both branches, with a product of gamma in each; the rule multiplies the one that is taken.",
    "Shrink": "the body computes both branches; the rule adds or subtracts the bias once.",
}

# Outputs that the rule knows and the body does not tell.
BODY_OPEN = {}
