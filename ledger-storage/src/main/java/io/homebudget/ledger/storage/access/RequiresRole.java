package io.homebudget.ledger.storage.access;

import io.homebudget.ledger.access.Role;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a resource method, or on a resource class for all of its methods: only bearers of a token of one of these roles get in.
 * The method's annotation counts where both have one. Calls without it are open and pay nothing for its existence.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface RequiresRole {
    Role[] value();
}
