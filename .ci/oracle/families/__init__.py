"""A generator of cases for every operator: a function of a Gen."""

from families import matmul, movement, pointwise, signals, structure, window

GENERATORS = {}
for family in (pointwise, movement, window, matmul, signals, structure):
    GENERATORS |= family.GENERATORS

# Cases drawn of an operator in a round, by generator: those with many attributes get more.
WEIGHTS = {
    name: 3
    for name in """
    reshape slice_ split pad concat gather gather_elements gather_nd scatter_elements scatter_nd compress one_hot
    conv integer_conv quantised_conv conv_transpose deform_conv pool max_unpool batch_norm layer_norm col2im
    matmul matmul_integer matmul_quantised gemm einsum recurrent attention rotary quantise resize dft stft
    sequence_operator concat_from_sequence split_to_sequence if_ loop scan reduction top_k unique squeeze unsqueeze
    """.split()
}
