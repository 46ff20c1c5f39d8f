//! Every cryptographic operation of the product, in one place
