//! What is kept: the encrypted database and the encrypted picture vault
