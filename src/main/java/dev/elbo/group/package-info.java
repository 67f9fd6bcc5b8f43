/**
 * The members of a group that train one model together, in processes of their own: how they find each other over TCP, and sums over
 * their shards.
 */
package dev.elbo.group;
